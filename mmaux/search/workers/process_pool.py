"""Workers in processes of this machine."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

import torch

from mmaux.experiments.run_environment import available_cores

from .base_worker_pool import BaseWorkerPool
from .evaluation_job import EvaluationJob, EvaluatorError, JobResult
from .evaluation_worker import EvaluationWorker

_END_SECONDS = 5.0


@dataclass(eq=False)
class _Worker:
    process: SpawnProcess
    connection: Connection
    job: EvaluationJob | None = None


class ProcessPool(BaseWorkerPool):
    """Spawned processes, one a GPU in turn, or the CPU where there is none.

    On the CPU the cores are shared out among the workers' threads. A process that dies (killed for
    its memory, say) makes its candidate a failure and is replaced; so is one whose candidate raised
    an error. All end with the searching process, even if that is killed.

    Args:
        size: Number of workers.
        evaluator: Config of the evaluator, less the device.
        imports: Modules that a worker imports first.
    """

    def __init__(
        self, size: int, evaluator: Mapping[str, Any], *, imports: tuple[str, ...] = ()
    ) -> None:
        if size < 1:
            raise ValueError(f"workers is {size}; expected 1 or more.")
        super().__init__(size)
        self._evaluator = evaluator
        self._imports = imports
        self._workers: list[_Worker | None] = [None] * size

    def submit(self, job: EvaluationJob) -> None:
        """Give a job to an idle worker, which is started if it is not there."""
        place = next(
            index
            for index, worker in enumerate(self._workers)
            if worker is None or worker.job is None
        )
        worker = self._workers[place]
        if worker is not None and worker.process.is_alive():
            try:
                worker.connection.send(job)
            except OSError:  # it has just died
                worker = None
        else:
            worker = None
        if worker is None:
            worker = self._workers[place] = self._start(place)
            worker.connection.send(job)
        worker.job = job

    def wait(self) -> list[JobResult]:
        """Wait until a job has ended or its process has died."""
        busy = [worker for worker in self._workers if worker is not None and worker.job is not None]
        # A worker's own children may hold its end of the connection open: watch the process too.
        handles = {w: (w.connection, w.process.sentinel) for w in busy}
        ready = wait([handle for pair in handles.values() for handle in pair])
        return [self._receive(w) for w in busy if any(handle in ready for handle in handles[w])]

    def close(self) -> None:
        """Kill all workers."""
        for worker in self._workers:
            if worker is not None:
                _end(worker)
        self._workers = [None] * self.size

    def _start(self, place: int) -> _Worker:
        gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        options = {
            "evaluator": self._evaluator,
            "imports": self._imports,
            "device": f"cuda:{place % gpus}" if gpus else "cpu",
            "threads": None if gpus else max(1, available_cores() // self.size),
        }
        context = multiprocessing.get_context("spawn")
        connection, other = context.Pipe()
        process = context.Process(
            target=_work, args=(other, options), name=f"search worker {place}"
        )
        # It inherits the mask: the searching process alone decides what Ctrl-C means. The tracker,
        # which the first process would start, would set another mask.
        resource_tracker.ensure_running()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        other.close()  # so that the connection ends with the process
        return _Worker(process, connection)

    def _receive(self, worker: _Worker) -> JobResult:
        job, worker.job = worker.job, None
        assert job is not None
        try:
            if not worker.connection.poll():
                raise EOFError
            result = worker.connection.recv()
        except (EOFError, OSError):
            worker.process.join(_END_SECONDS)
            self._drop(worker)
            return JobResult(job.number, error=_death(worker.process.exitcode))
        if isinstance(result, EvaluatorError):
            raise result
        if result.is_spent:
            self._drop(worker)
        return result

    def _drop(self, worker: _Worker) -> None:
        _end(worker)
        self._workers[self._workers.index(worker)] = None


def _work(connection: Connection, options: Mapping[str, Any]) -> None:
    """What a worker process does."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    worker = EvaluationWorker(**options)
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        try:
            connection.send(worker.evaluate(job))
        except EvaluatorError as error:
            connection.send(error)
            return


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end(worker: _Worker) -> None:
    worker.process.kill()
    worker.process.join(_END_SECONDS)
    worker.connection.close()


def _death(code: int | None) -> str:
    if code is None or code >= 0:
        return f"the worker process ended with exit status {code}"
    hint = " (by hand, or by the system for its memory)" if code == -signal.SIGKILL else ""
    return f"the worker process was killed by {signal.Signals(-code).name}{hint}"
