"""What the tasks' gradients over several batches say about a layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from scipy import stats
from torch import Tensor


@dataclass(frozen=True)
class PairConflict:
    """How the gradients of two tasks stand to each other.

    Attributes:
        tasks: The two.
        cosine: Mean cosine between them over the batches.
        low: Lower end of the 95 % t interval of that mean; None with one batch.
        high: Upper end.
        opposed: Share of the batches with a negative cosine.
        batches: Batches in which both have a gradient.
    """

    tasks: tuple[str, str]
    cosine: float
    low: float | None
    high: float | None
    opposed: float
    batches: int

    @property
    def conflicts(self) -> bool:
        """Whether the mean cosine is below zero beyond the noise of the batches."""
        return self.high is not None and self.high < 0


@dataclass(frozen=True)
class LayerConflicts:
    """A layer.

    Attributes:
        name: Name of the module.
        norms: Mean gradient norm of each task.
        pairs: Every pair of tasks that had gradients together.
    """

    name: str
    norms: dict[str, float]
    pairs: tuple[PairConflict, ...]

    @property
    def imbalance(self) -> float:
        """Largest mean norm over the smallest that is not zero."""
        sizes = [norm for norm in self.norms.values() if norm > 0]
        return max(sizes) / min(sizes) if sizes else 1.0


def summarize_layer(name: str, gradients: Sequence[Tensor], tasks: Sequence[str]) -> LayerConflicts:
    """Summarise a layer's gradients.

    Args:
        name: Name of the layer.
        gradients: For each batch (T, P): a row for each task, 0 where the task has no label.
        tasks: Names of the T tasks.
    """
    norms = torch.stack([g.double().norm(dim=1) for g in gradients])
    means = {
        task: float(column[column > 0].mean()) if bool((column > 0).any()) else 0.0
        for task, column in zip(tasks, norms.T, strict=True)
    }
    pairs = []
    for i, j in combinations(range(len(tasks)), 2):
        both = [k for k in range(len(gradients)) if norms[k, i] > 0 and norms[k, j] > 0]
        if both:
            cosines = [
                float(
                    gradients[k][i].double() @ gradients[k][j].double() / norms[k, i] / norms[k, j]
                )
                for k in both
            ]
            pairs.append(_pair((tasks[i], tasks[j]), np.array(cosines)))
    return LayerConflicts(name, means, tuple(pairs))


def _pair(tasks: tuple[str, str], cosines: np.ndarray) -> PairConflict:
    mean, count = float(cosines.mean()), len(cosines)
    low = high = None
    if count > 1:
        reach = float(stats.t.ppf(0.975, count - 1) * cosines.std(ddof=1) / count**0.5)
        low, high = mean - reach, mean + reach
    return PairConflict(tasks, mean, low, high, float((cosines < 0).mean()), count)
