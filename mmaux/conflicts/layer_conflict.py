"""Sizes and agreement of the tasks' gradients in a layer, over several batches."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from mmaux.experiments.statistics import MeanInterval, mean_interval


@dataclass(frozen=True)
class PairAgreement:
    """How two tasks' gradients stand to each other.

    Attributes:
        first: A task.
        second: Another.
        cosine: Mean of the cosine over the batches, with its 95 % t interval.
        negative: Share of the batches with a negative cosine.
    """

    first: str
    second: str
    cosine: MeanInterval
    negative: float


@dataclass(frozen=True)
class LayerConflict:
    """A layer.

    Attributes:
        name: Its name in the model.
        norms: By task, the mean norm of its gradient over the batches in which it has one; tasks
            that never have one are left out.
        pairs: The pairs of tasks that both had a gradient in some batch.
    """

    name: str
    norms: dict[str, float]
    pairs: tuple[PairAgreement, ...]

    @classmethod
    def of(
        cls,
        name: str,
        *,
        norms: Mapping[str, Sequence[float]],
        cosines: Mapping[tuple[str, str], Sequence[float]],
    ) -> LayerConflict:
        """Summarise batches.

        Args:
            name: The layer.
            norms: By task, the norms; zeros do not count.
            cosines: By pair of tasks, the cosines of the batches in which both have a gradient.
        """
        found = {task: [n for n in values if n > 0] for task, values in norms.items()}
        return cls(
            name=name,
            norms={t: math.fsum(values) / len(values) for t, values in found.items() if values},
            pairs=tuple(
                PairAgreement(
                    first=first,
                    second=second,
                    cosine=mean_interval(values),
                    negative=sum(value < 0 for value in values) / len(values),
                )
                for first, second in combinations(norms, 2)
                if (values := cosines.get((first, second)))
            ),
        )

    @property
    def imbalance(self) -> float:
        """The largest mean norm over the smallest; 1 with fewer than two tasks."""
        return max(self.norms.values()) / min(self.norms.values()) if len(self.norms) > 1 else 1.0
