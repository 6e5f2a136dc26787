"""What the sizes and angles of gradients suggest, by rules that are written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .layer_conflict import LayerConflict, PairAgreement

IMBALANCE = 5.0
"""Largest over smallest mean gradient norm beyond which the tasks' scales are called unequal."""

BATCHES = 8
"""Batches below which nothing is suggested."""

CAVEAT = (
    "A heuristic: it looks at one checkpoint, where conflicts may be other than early or late in "
    "training, and small angles between noisy gradients say little. Whether a method pays shows in "
    "the metrics of trained networks alone."
)

Kind = Literal["few batches", "unequal scale", "conflict", "undecided", "no conflict"]


@dataclass(frozen=True)
class Advice:
    """A finding.

    Attributes:
        kind: The rule that it follows from.
        layers: The layers that it is about.
        text: In plain words, with what to try.
    """

    kind: Kind
    layers: tuple[str, ...]
    text: str


def advise(layers: Sequence[LayerConflict]) -> list[Advice]:
    """Suggestions, by these rules.

    - A layer whose largest mean norm is more than :data:`IMBALANCE` times the smallest has unequal
      scales: a weighting that does not depend on scale, or a state of each task.
    - A pair of tasks conflicts in a layer if the cosine is negative in more than half of the
      batches and the 95 % interval of its mean lies below zero: alternation, or an aggregator that
      takes conflicts out.
    - A pair of which only the first of these two holds is undecided: more batches.
    - Nothing of this: the sum is fine.
    """
    counts = [pair.cosine.count for layer in layers for pair in layer.pairs]
    if not counts or min(counts) < BATCHES:
        text = (
            f"Some pair of tasks has {min(counts, default=0)} batches in common; below {BATCHES} "
            "nothing is suggested. Take more: --batches."
        )
        return [Advice("few batches", (), text)]
    found = [*_unequal_scale(layers), *_conflicts(layers)]
    if found:
        return found
    return [
        Advice(
            "no conflict",
            tuple(layer.name for layer in layers),
            f"In no layer does one task's gradient exceed another's {IMBALANCE:g} times, and no "
            "pair of tasks has mostly negative cosines: the sum (mmaux.Scalarization) is fine.",
        )
    ]


def _unequal_scale(layers: Sequence[LayerConflict]) -> list[Advice]:
    unequal = [layer for layer in layers if layer.imbalance > IMBALANCE]
    if not unequal:
        return []
    worst = max(unequal, key=lambda layer: layer.imbalance)
    large = max(worst.norms, key=lambda task: worst.norms[task])
    small = min(worst.norms, key=lambda task: worst.norms[task])
    names = tuple(layer.name for layer in unequal)
    text = (
        f"Unequal scale in {len(unequal)} of {len(layers)} layers ({', '.join(names)}): a task's "
        f"gradient is more than {IMBALANCE:g} times another's, at most {worst.imbalance:.3g} times "
        f"({large} over {small} in {worst.name}); the sum goes where {large} leads. Try a "
        "weighting that does not depend on scale (mmaux.Aggregation with IMTLG, mmaux.GradNorm), "
        "or mmaux.Alternation with state='per_task' and an optimizer such as Adam."
    )
    return [Advice("unequal scale", names, text)]


def _conflicts(layers: Sequence[LayerConflict]) -> list[Advice]:
    mostly_negative: dict[tuple[str, str], list[tuple[str, PairAgreement]]] = {}
    for layer in layers:
        for pair in layer.pairs:
            if pair.negative > 0.5:
                mostly_negative.setdefault((pair.first, pair.second), []).append((layer.name, pair))
    result = []
    for (first, second), entries in mostly_negative.items():
        clear = [(n, p) for n, p in entries if p.cosine.high is not None and p.cosine.high < 0]
        if clear:
            names = tuple(name for name, _ in clear)
            where, lowest = min(clear, key=lambda entry: entry[1].cosine.mean)
            text = (
                f"Conflict of {first} and {second} in {len(clear)} of {len(layers)} layers "
                f"({', '.join(names)}): their gradients mostly oppose each other (mean cosine "
                f"{lowest.cosine.mean:.2f} in {where}, negative in {lowest.negative:.0%} of the "
                "batches). Try mmaux.Alternation, or mmaux.Aggregation with PCGrad or CAGrad."
            )
            result.append(Advice("conflict", names, text))
        unclear = tuple(n for n, p in entries if (n, p) not in clear)
        if unclear:
            text = (
                f"Undecided for {first} and {second} in {', '.join(unclear)}: their cosine is "
                "negative in more than half of the batches, but its mean is not told apart from "
                "zero. Take more: --batches."
            )
            result.append(Advice("undecided", unclear, text))
    return result
