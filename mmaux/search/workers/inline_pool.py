"""Evaluation in the searching process itself."""

from .base_worker_pool import BaseWorkerPool
from .evaluation_job import EvaluationJob, JobResult
from .evaluation_worker import EvaluationWorker


class InlinePool(BaseWorkerPool):
    """One worker in this process, for debuggers: what kills it kills the search.

    Args:
        worker: The worker.
    """

    def __init__(self, worker: EvaluationWorker) -> None:
        super().__init__(1)
        self._worker = worker
        self._jobs: list[EvaluationJob] = []

    def submit(self, job: EvaluationJob) -> None:
        """Keep the job for :meth:`wait`."""
        self._jobs.append(job)

    def wait(self) -> list[JobResult]:
        """Evaluate what was submitted."""
        return [self._worker.evaluate(self._jobs.pop())]

    def close(self) -> None:
        """Nothing is left running."""
