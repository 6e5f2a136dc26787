"""Difference of two means with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class MeanDifference:
    """Welch's interval of a difference of means (unequal variances, independent values).

    Attributes:
        first: Mean of the first sample.
        second: Mean of the second.
        low: Lower end of the 95 % interval of ``second - first``; None with fewer than two values
            in a sample, or without any spread.
        high: Upper end.
    """

    first: float
    second: float
    low: float | None
    high: float | None

    @property
    def difference(self) -> float:
        """``second - first``."""
        return self.second - self.first

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and self.low * self.high > 0


def mean_difference(first: Sequence[float], second: Sequence[float]) -> MeanDifference:
    """Compare two samples.

    Raises:
        ValueError: One of them is empty.
    """
    if not first or not second:
        raise ValueError(
            f"found {len(first)} and {len(second)} values; expected at least one in each sample."
        )
    means = sum(first) / len(first), sum(second) / len(second)
    if min(len(first), len(second)) < 2 or len(set(first)) == len(set(second)) == 1:
        return MeanDifference(*means, None, None)
    interval = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    return MeanDifference(*means, float(interval.low), float(interval.high))
