"""One proposal of a controller, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture

from .early_stopping import Curve

Status = Literal["running", "waiting", "finished", "failed", "duplicate"]


@dataclass(frozen=True)
class Candidate:
    """One proposal of a controller.

    Attributes:
        number: From 0, in the order of proposals.
        sequence: The decisions.
        key: Canonical key of the architecture.
        architecture: The architecture.
        status: ``running`` (under evaluation, or it was when the search was killed), ``waiting``
            (equals one under evaluation), ``finished``, ``failed``, ``duplicate`` (answered from
            storage).
        duplicate_of: Number of the candidate that it equals.
        reward: In [0, 1]; 0 of a failed one; None while it is not known.
        metrics: The metrics behind the reward.
        curve: Iterations and the rewards measured at them.
        stopped_early: Whether it fell below the bar.
        seed: Seed of its evaluation.
        bar: Least reward by iteration that it was held to.
        seconds: How long its evaluation took, on its worker.
        error: What went wrong.
        asked_at: When it was proposed, in seconds since 1970.
        finished_at: When its reward was known.
    """

    number: int
    sequence: tuple[int, ...]
    key: str
    architecture: AuxiliaryArchitecture
    status: Status
    seed: int
    asked_at: float
    duplicate_of: int | None = None
    bar: Mapping[int, float] | None = None
    reward: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    curve: Curve = ()
    stopped_early: bool = False
    seconds: float | None = None
    error: str | None = None
    finished_at: float | None = None

    @property
    def is_evaluated(self) -> bool:
        """Whether an evaluation was spent on it, with success or without."""
        return self.status in ("finished", "failed")
