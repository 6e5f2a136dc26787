"""Workers on the machines of a Ray cluster."""

import sys
from collections import deque
from collections.abc import Mapping
from typing import Any

import torch

from mmaux.utils.dependencies import require

from .base_worker_pool import BaseWorkerPool
from .evaluation_job import EvaluationJob, EvaluatorError, JobResult
from .evaluation_worker import EvaluationWorker

_ATTEMPTS = 2


class _RayWorker:
    """An actor: a worker on the GPU that Ray gave it, or on a core.

    Modules of one's own are looked for where the searching process finds them.
    """

    def __init__(
        self, evaluator: Mapping[str, Any], imports: tuple[str, ...], paths: tuple[str, ...]
    ) -> None:
        sys.path += [path for path in paths if path not in sys.path]
        gpu = torch.cuda.is_available()
        self._worker = EvaluationWorker(
            evaluator,
            imports=imports,
            device="cuda:0" if gpu else "cpu",
            threads=None if gpu else 1,
        )

    def evaluate(self, job: EvaluationJob) -> JobResult | str:
        """The result; a text if the evaluator cannot be built."""
        try:
            return self._worker.evaluate(job)
        except EvaluatorError as error:
            return str(error)


class RayPool(BaseWorkerPool):
    """One Ray actor a worker, with a GPU each (or its share) where the cluster has any.

    mmaux and the data must be there on every machine, under the same paths. An actor that dies is
    replaced and its candidate evaluated again, once; a candidate that loses two is a failure.

    Args:
        size: Number of workers.
        evaluator: Config of the evaluator, less the device.
        imports: Modules that a worker imports first.
        address: Address of the cluster (``auto``, ``host:6379``, ``ray://host:10001``); ``local``
            starts one on this machine, which ends with the pool.

    Raises:
        ImportError: Ray is not installed; the message says how to install it.
        ConnectionError: There is no cluster at the address.
    """

    def __init__(
        self,
        size: int,
        evaluator: Mapping[str, Any],
        *,
        imports: tuple[str, ...] = (),
        address: str,
    ) -> None:
        if size < 1:
            raise ValueError(f"workers is {size}; expected 1 or more.")
        super().__init__(size)
        self._ray: Any = require("ray", package="'mmaux[ray]'", purpose="a search with Ray")
        local = {"num_cpus": size, "include_dashboard": False} if address == "local" else {}
        self._ray.init(address=address, log_to_driver=False, configure_logging=False, **local)
        self._arguments = (evaluator, imports, tuple(sys.path))
        resources = self._ray.cluster_resources()
        self._share = {
            f"num_{name}s": min(1.0, resources.get(name.upper(), 0) / size)
            for name in ("cpu", "gpu")
        }
        self._idle: deque[Any] = deque()
        self._busy: dict[Any, tuple[Any, EvaluationJob, int]] = {}

    def submit(self, job: EvaluationJob) -> None:
        """Give a job to an idle actor, which is started if it is not there."""
        self._submit(job, attempt=1)

    def wait(self) -> list[JobResult]:
        """Wait until a job has ended; those whose actor died for the first time go on."""
        results: list[JobResult] = []
        while not results:
            ready, _ = self._ray.wait(list(self._busy), num_returns=1)
            results = [result for entry in ready if (result := self._receive(entry)) is not None]
        return results

    def close(self) -> None:
        """End all actors and the connection."""
        for actor in [*self._idle, *(actor for actor, _, _ in self._busy.values())]:
            self._ray.kill(actor)
        self._idle.clear()
        self._busy.clear()
        self._ray.shutdown()

    def _submit(self, job: EvaluationJob, *, attempt: int) -> None:
        actor = self._idle.popleft() if self._idle else self._start()
        self._busy[actor.evaluate.remote(job)] = (actor, job, attempt)

    def _start(self) -> Any:
        kind = self._ray.remote(scheduling_strategy="SPREAD", **self._share)(_RayWorker)
        return kind.remote(*self._arguments)

    def _receive(self, entry: Any) -> JobResult | None:
        actor, job, attempt = self._busy.pop(entry)
        try:
            result = self._ray.get(entry)
        except self._ray.exceptions.RayActorError as error:
            if attempt < _ATTEMPTS:
                self._submit(job, attempt=attempt + 1)
                return None
            text = f"{attempt} workers died of it; the last: {error}"
            return JobResult(job.number, error=text)
        if isinstance(result, str):
            raise EvaluatorError(result)
        if result.is_spent:
            self._ray.kill(actor)
        else:
            self._idle.append(actor)
        return result
