"""Median and spread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Quartiles:
    """The middle of some measurements and the range that half of them lie in.

    Attributes:
        lower: First quartile.
        median: Second quartile.
        upper: Third quartile.
        count: How many measurements.
    """

    lower: float
    median: float
    upper: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Quartiles:
        """Quartiles with linear interpolation between neighbours, as ``numpy.quantile`` has them.

        Raises:
            ValueError: There is no value, or one is NaN or infinite.
        """
        array = np.asarray(list(values), dtype=np.float64)
        if array.size == 0 or not np.isfinite(array).all():
            raise ValueError(
                f"quartiles need at least one measurement and finite ones, found {array.tolist()}."
            )
        lower, median, upper = np.quantile(array, [0.25, 0.5, 0.75]).tolist()
        return cls(lower=lower, median=median, upper=upper, count=array.size)

    def scaled(self, factor: float) -> Quartiles:
        """In another unit; ``factor`` is positive."""
        return Quartiles(
            lower=self.lower * factor,
            median=self.median * factor,
            upper=self.upper * factor,
            count=self.count,
        )
