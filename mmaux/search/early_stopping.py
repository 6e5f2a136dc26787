"""Which candidates are not worth their whole evaluation."""

from collections.abc import Iterable
from dataclasses import dataclass

Curve = tuple[tuple[int, float], ...]
"""Iterations and the rewards measured at them, in order."""


@dataclass(frozen=True)
class EarlyStopping:
    """The bar that a candidate's reward must reach at each iteration where it is measured.

    It is a quantile of the rewards that finished candidates had at the same iteration. One that
    was stopped before counts as lowest there, so the bar does not rise with every stop, and about
    that share of all candidates is stopped, however often they are measured.

    Attributes:
        quantile: In (0, 1).
        min_candidates: Finished candidates before any is stopped.
    """

    quantile: float
    min_candidates: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.quantile < 1:
            raise ValueError(f"early_stopping.quantile is {self.quantile}; expected within (0, 1).")
        if self.min_candidates < 1:
            raise ValueError(
                f"early_stopping.min_candidates is {self.min_candidates}; expected 1 or more."
            )

    def bar(self, curves: Iterable[Curve]) -> dict[int, float] | None:
        """Least reward by iteration.

        Args:
            curves: Those of the finished candidates, whether or not they were stopped.

        Returns:
            None while there are too few. Iterations at which that share was stopped already are
            left out.
        """
        measured = [dict(curve) for curve in curves if curve]
        if len(measured) < self.min_candidates:
            return None
        bar = {}
        for iteration in sorted({step for curve in measured for step in curve}):
            rewards = sorted(curve.get(iteration, float("-inf")) for curve in measured)
            value = rewards[int(self.quantile * len(rewards))]
            if value > float("-inf"):
                bar[iteration] = value
        return bar
