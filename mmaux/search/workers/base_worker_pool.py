"""What every way to evaluate candidates side by side has in common."""

from abc import ABC, abstractmethod
from types import TracebackType

from .evaluation_job import EvaluationJob, JobResult


class BaseWorkerPool(ABC):
    """Evaluates up to ``size`` candidates at a time; a context manager that ends its workers.

    Args:
        size: Number of workers.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    @abstractmethod
    def submit(self, job: EvaluationJob) -> None:
        """Give a job to an idle worker; the caller has fewer than ``size`` under way."""

    @abstractmethod
    def wait(self) -> list[JobResult]:
        """Wait until a job has ended, and give all that have.

        Raises:
            EvaluatorError: The evaluator cannot be built.
        """

    @abstractmethod
    def close(self) -> None:
        """End all workers, and what they are at."""

    def __enter__(self) -> "BaseWorkerPool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
