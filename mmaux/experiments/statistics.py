"""Statistics over seeds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Summary:
    """Mean and spread of a sample.

    Attributes:
        count: Number of values.
        mean: Their mean.
        spread: Their standard deviation, n - 1 in the denominator; None for a single value.
    """

    count: int
    mean: float
    spread: float | None


@dataclass(frozen=True)
class MeanInterval:
    """Mean of values, or of paired differences, with its interval.

    Attributes:
        count: Number of values.
        mean: Their mean.
        low: Lower end of the interval; None for a single value.
        high: Upper end.
    """

    count: int
    mean: float
    low: float | None
    high: float | None

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and self.low * self.high > 0


def summarize(values: Sequence[float]) -> Summary:
    """Mean and sample standard deviation.

    Raises:
        ValueError: There is no value.
    """
    if not values:
        raise ValueError("values: found none, expected at least one.")
    count, mean = len(values), math.fsum(values) / len(values)
    if count == 1:
        return Summary(count, mean, None)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return Summary(count, mean, math.sqrt(squares / (count - 1)))


def paired_difference(
    values: Sequence[float], references: Sequence[float], *, confidence: float = 0.95
) -> MeanInterval:
    """Mean of ``values - references`` and its paired t interval.

    The interval is that of the paired t test, ``mean -/+ t s / sqrt(n)`` with n - 1 degrees of
    freedom; it takes the differences of different seeds as independent and normal.

    Args:
        values: One value a seed.
        references: Those that they are compared with, of the same seeds in the same order.
        confidence: Probability that the interval covers the true mean.

    Raises:
        ValueError: The numbers of values differ, or there is none.
    """
    if len(values) != len(references):
        raise ValueError(
            f"found {len(values)} values and {len(references)} references; expected pairs."
        )
    return mean_interval(
        [a - b for a, b in zip(values, references, strict=True)], confidence=confidence
    )


def mean_interval(values: Sequence[float], *, confidence: float = 0.95) -> MeanInterval:
    """Mean of values, or of differences, and its t interval.

    Args:
        values: Taken as independent and normal.
        confidence: Probability that the interval covers the true mean.

    Raises:
        ValueError: There is no value.
    """
    found = summarize(values)
    if found.spread is None:
        return MeanInterval(1, found.mean, None, None)
    quantile = float(stats.t.ppf((1 + confidence) / 2, found.count - 1))
    half = quantile * found.spread / math.sqrt(found.count)
    return MeanInterval(found.count, found.mean, found.mean - half, found.mean + half)
