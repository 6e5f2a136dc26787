"""Conflicts as a table, in Markdown and as a picture."""

from collections.abc import Sequence
from io import StringIO
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.table import Table

from .advice import CAVEAT, Advice
from .layer_conflict import LayerConflict, PairAgreement

_COLORS = ("#4c72b0", "#dd8452", "#55a868", "#c44e52", "#8172b3", "#937860")
_DPI = 120
_WIDE = 400


def conflict_table(layers: Sequence[LayerConflict], *, markdown: bool = False) -> Table:
    """A row for each layer: norms by task, their ratio, cosine and share of negatives by pair."""
    table = Table(box=box.MARKDOWN if markdown else box.HEAVY_HEAD)
    tasks, pairs = _tasks(layers), _pairs(layers)
    table.add_column("layer", no_wrap=True)
    for task in tasks:
        table.add_column(f"norm of {task}", justify="right")
    table.add_column("largest over smallest", justify="right")
    for first, second in pairs:
        table.add_column(f"cosine of {first} and {second} (95 %)", justify="right")
        table.add_column("negative", justify="right")
    for layer in layers:
        found = {(pair.first, pair.second): pair for pair in layer.pairs}
        cells = [f"{layer.norms[task]:.3g}" if task in layer.norms else "" for task in tasks]
        cells.append(f"{layer.imbalance:.3g}" if len(layer.norms) > 1 else "")
        for key in pairs:
            pair = found.get(key)
            cells += ["", ""] if pair is None else [_cosine(pair), f"{pair.negative:.0%}"]
        table.add_row(layer.name, *cells)
    return table


def conflict_markdown(
    layers: Sequence[LayerConflict], advice: Sequence[Advice], *, heading: str
) -> str:
    """Table, suggestions and caveat."""
    text = StringIO()
    Console(file=text, width=_WIDE).print(conflict_table(layers, markdown=True))
    rows = "\n".join(line.strip() for line in text.getvalue().splitlines() if line.strip())
    points = "\n".join(f"- {entry.text}" for entry in advice)
    return f"# {heading}\n\n{rows}\n\n{points}\n\n{CAVEAT}\n"


def draw_conflicts(layers: Sequence[LayerConflict], *, heading: str) -> np.ndarray:
    """Norms by task and cosines by pair over the layers, with 95 % intervals.

    Returns:
        RGB picture, uint8 (H, W, 3).
    """
    width = max(9.0, 4.5 + 1.1 * len(layers))
    figure = Figure(figsize=(width, 4.2), dpi=_DPI, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    norms, cosines = figure.subplots(1, 2)
    figure.suptitle(heading, fontsize=11)
    _draw_norms(norms, layers)
    _draw_cosines(cosines, layers)
    for axes in (norms, cosines):
        axes.set_xticks(range(len(layers)), [layer.name for layer in layers], rotation=35)
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("right")
            label.set_rotation_mode("anchor")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _draw_norms(axes: Axes, layers: Sequence[LayerConflict]) -> None:
    for task, color in zip(_tasks(layers), cycle(_COLORS), strict=False):
        places = [(x, layer.norms[task]) for x, layer in enumerate(layers) if task in layer.norms]
        axes.plot(*zip(*places, strict=True), color=color, marker="o", label=task)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.set_title("mean norm of the task's gradient", fontsize=10)


def _draw_cosines(axes: Axes, layers: Sequence[LayerConflict]) -> None:
    keys = _pairs(layers)
    axes.axhline(0.0, color="black", linewidth=1)
    for number, (key, color) in enumerate(zip(keys, cycle(_COLORS[::-1]), strict=False)):
        shift = 0.12 * (number - (len(keys) - 1) / 2)
        entries = [
            (x + shift, pair.cosine)
            for x, layer in enumerate(layers)
            for pair in layer.pairs
            if (pair.first, pair.second) == key
        ]
        means = [cosine.mean for _, cosine in entries]
        half = [0.0 if c.high is None else c.high - c.mean for _, c in entries]
        axes.errorbar(
            [x for x, _ in entries],
            means,
            yerr=half,
            color=color,
            fmt="o-",
            linewidth=1,
            capsize=3,
            label=" and ".join(key),
        )
    axes.set_title("mean cosine between gradients, 95 % interval (below 0: conflict)", fontsize=10)


def _cosine(pair: PairAgreement) -> str:
    mean = f"{pair.cosine.mean:+.3f}"
    if pair.cosine.low is None or pair.cosine.high is None:
        return mean
    return f"{mean} ({pair.cosine.low:+.3f} to {pair.cosine.high:+.3f})"


def _tasks(layers: Sequence[LayerConflict]) -> list[str]:
    return list(dict.fromkeys(task for layer in layers for task in layer.norms))


def _pairs(layers: Sequence[LayerConflict]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((p.first, p.second) for layer in layers for p in layer.pairs))
