"""The work of one worker, whatever process it is in."""

import time
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch

import mmaux  # noqa: F401 (makes 'mmaux::' configs known)
from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture
from mmaux.registry import SEARCH_EVALUATORS
from mmaux.search.evaluators import BaseEvaluator, Evaluation

from .evaluation_job import EvaluationJob, EvaluatorError, JobResult


class EvaluationWorker:
    """Builds its evaluator when the first candidate comes, and keeps it.

    Args:
        evaluator: Config of the evaluator, less the device.
        imports: Modules to import first.
        device: Where to compute.
        threads: Most threads of PyTorch on the CPU; None leaves them as they are.
    """

    def __init__(
        self,
        evaluator: Mapping[str, Any],
        *,
        imports: tuple[str, ...] = (),
        device: str,
        threads: int | None,
    ) -> None:
        self.config = {**evaluator, "device": device}
        self.imports = imports
        self.threads = threads
        self._evaluator: BaseEvaluator | None = None

    def evaluate(self, job: EvaluationJob) -> JobResult:
        """Evaluate a candidate; whatever it raises becomes part of the result.

        Raises:
            EvaluatorError: The evaluator cannot be built.
        """
        evaluator = self._built()
        start = time.monotonic()
        try:
            evaluation = evaluator.evaluate(
                AuxiliaryArchitecture.from_dict(job.architecture), seed=job.seed, bar=job.bar
            )
        except Exception:
            seconds = time.monotonic() - start
            return JobResult(
                job.number, error=traceback.format_exc(), seconds=seconds, is_spent=True
            )
        seconds = time.monotonic() - start
        if not 0 <= evaluation.reward <= 1:
            error = f"the reward is {evaluation.reward}; expected a number in [0, 1]"
            return JobResult(job.number, error=error, seconds=seconds)
        return JobResult(job.number, evaluation=_plain(evaluation), seconds=seconds)

    def _built(self) -> BaseEvaluator:
        if self._evaluator is None:
            if self.threads is not None:
                torch.set_num_threads(min(self.threads, torch.get_num_threads()))
            try:
                for name in self.imports:
                    import_module(name)
                self._evaluator = SEARCH_EVALUATORS.build(self.config)
            except Exception as error:
                raise EvaluatorError(
                    f"search.evaluator {self.config} cannot be built: {error!r}\n"
                    f"{traceback.format_exc()}"
                ) from None
        return self._evaluator


def _plain(evaluation: Evaluation) -> Evaluation:
    """Numbers of Python, where an evaluator may have left those of numpy or torch."""
    return Evaluation(
        reward=float(evaluation.reward),
        metrics={name: float(value) for name, value in evaluation.metrics.items()},
        curve=tuple((int(step), float(reward)) for step, reward in evaluation.curve),
        stopped_early=bool(evaluation.stopped_early),
    )
