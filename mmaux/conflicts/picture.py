"""A picture of conflicts, layer by layer."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .layer_conflicts import LayerConflicts


def draw_conflicts(layers: Sequence[LayerConflicts], file: str | Path) -> None:
    """Draw the mean cosine of every pair with its interval, and every task's gradient norm."""
    figure = Figure(figsize=(max(7.0, 0.9 * len(layers) + 3), 6.5), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    places = range(len(layers))
    pairs = list(dict.fromkeys(pair.tasks for layer in layers for pair in layer.pairs))
    for number, tasks in enumerate(pairs):
        shift = 0.12 * (number - (len(pairs) - 1) / 2)
        points = [
            (place + shift, pair)
            for place, layer in zip(places, layers, strict=True)
            for pair in layer.pairs
            if pair.tasks == tasks
        ]
        means = [pair.cosine for _, pair in points]
        reach = [0.0 if pair.high is None else pair.high - pair.cosine for _, pair in points]
        above.errorbar(
            [x for x, _ in points], means, yerr=reach, fmt="o-", capsize=3, label=" - ".join(tasks)
        )
    above.axhline(0, color="0.4", linewidth=1)
    above.set_ylabel("mean cosine between gradients")
    above.legend(fontsize=8)
    for task in layers[0].norms:
        below.plot(places, [layer.norms[task] for layer in layers], "o-", label=task)
    below.set_yscale("log")
    below.set_ylabel("mean gradient norm")
    below.legend(fontsize=8)
    below.set_xticks(list(places), [layer.name for layer in layers], rotation=30, ha="right")
    figure.savefig(file, dpi=120)
