"""What goes to a worker and what comes back: plain data, for any transport."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmaux.search.evaluators import Evaluation


@dataclass(frozen=True)
class EvaluationJob:
    """A candidate to evaluate.

    Attributes:
        number: The candidate's number.
        architecture: JSON form of its architecture.
        seed: Seed of the evaluation.
        bar: Least reward by iteration.
    """

    number: int
    architecture: dict[str, Any]
    seed: int
    bar: Mapping[int, float] | None


@dataclass(frozen=True)
class JobResult:
    """What became of a job.

    Attributes:
        number: The candidate's number.
        evaluation: What was found; None after a failure.
        error: What went wrong; None after success.
        seconds: How long it took; None if the worker died.
        is_spent: Whether the worker may be left in a bad state (memory, the GPU's context), and
            should be replaced.
    """

    number: int
    evaluation: Evaluation | None = None
    error: str | None = None
    seconds: float | None = None
    is_spent: bool = False


class EvaluatorError(RuntimeError):
    """The evaluator itself cannot be built, so that no candidate can be evaluated."""
