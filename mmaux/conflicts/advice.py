"""What measured conflicts suggest."""

from collections.abc import Sequence
from statistics import median

from .layer_conflicts import LayerConflicts

IMBALANCE = 5.0
"""Gradients of two tasks that differ by more than this factor count as badly scaled."""


def advise(layers: Sequence[LayerConflicts]) -> list[str]:
    """Sentences for people, by stated rules; rules of thumb, not a prediction.

    - Badly scaled: the median over the layers of the largest over the smallest gradient norm is
      more than :data:`IMBALANCE`.
    - Opposed: in at least half of the layers a pair's mean cosine is below zero beyond the noise.
    """
    found = []
    imbalance = median(layer.imbalance for layer in layers)
    if imbalance > IMBALANCE:
        largest = max(layers[-1].norms, key=layers[-1].norms.__getitem__)
        found.append(
            f"Badly scaled: in the median layer the largest gradient is {imbalance:.1f} times the "
            f"smallest ({largest} has the largest in {layers[-1].name}). Weigh the losses, or take "
            "a method that does not depend on scale: IMTLG, FairGrad, GradNorm, or alternation "
            "with state='per_task'."
        )
    pairs = sorted({pair.tasks for layer in layers for pair in layer.pairs})
    for tasks in pairs:
        seen = [pair for layer in layers for pair in layer.pairs if pair.tasks == tasks]
        opposed = [pair for pair in seen if pair.conflicts]
        if 2 * len(opposed) >= len(seen):
            found.append(
                f"Opposed: {tasks[0]} and {tasks[1]} pull against each other in {len(opposed)} of "
                f"{len(seen)} layers. PCGrad, CAGrad, UPGrad or alternation are made for that."
            )
    if not found:
        found.append(
            "Neither badly scaled nor opposed on the whole: the sum of the losses is a good start."
        )
    return found
