"""Curves of several trainings side by side, as in figure 5 of the paper."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .scalars import Series

_COLORS = ("#4c72b0", "#dd8452", "#55a868", "#c44e52", "#8172b3", "#937860")
_COLUMNS = 2
_DPI = 120


def smooth(series: Series, iterations: float) -> Series:
    """Average a series exponentially over its recent past.

    A value weighs ``exp(-d / iterations)`` at ``d`` iterations after it was logged, so that runs
    with other logging intervals look alike; the weights are normalised, so the start is not pulled
    to zero.

    Args:
        series: The series.
        iterations: Length of the past; 0 leaves the series as it is.

    Raises:
        ValueError: ``iterations`` is negative.
    """
    if iterations < 0:
        raise ValueError(f"iterations is {iterations}; expected 0 or more.")
    if iterations == 0 or not series.steps:
        return series
    values, weight, total, previous = [], 0.0, 0.0, series.steps[0]
    for step, value in zip(series.steps, series.values, strict=True):
        kept = float(np.exp((previous - step) / iterations))
        weight, total, previous = kept * weight + 1, kept * total + value, step
        values.append(total / weight)
    return Series(series.steps, tuple(values))


def choose_scalars(runs: Mapping[str, Mapping[str, Series]], patterns: Sequence[str]) -> list[str]:
    """Names that any run has and a pattern matches, in the patterns' order.

    Args:
        runs: Scalars by name, by the name of the run.
        patterns: Names, with ``*`` and ``?`` as in a shell.

    Raises:
        ValueError: A pattern matches nothing; the names there are follow.
    """
    names = sorted({name for scalars in runs.values() for name in scalars})
    chosen: dict[str, None] = {}
    for pattern in patterns:
        matches = [name for name in names if fnmatchcase(name, pattern)]
        if not matches:
            raise ValueError(f"no scalar matches {pattern!r}; the runs have {', '.join(names)}.")
        chosen |= dict.fromkeys(matches)
    return list(chosen)


def draw_curves(
    runs: Mapping[str, Mapping[str, Series]],
    names: Sequence[str],
    *,
    smoothing: float = 0.0,
    logarithmic: bool = False,
) -> np.ndarray:
    """Draw a panel for each scalar with a line for each run; what was logged is faint behind it.

    Args:
        runs: Scalars by name, by the name of the run.
        names: Scalars to draw.
        smoothing: See :func:`smooth`.
        logarithmic: Whether the values have a logarithmic axis.

    Returns:
        RGB picture, uint8 (H, W, 3).
    """
    columns = min(_COLUMNS, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(5.2 * columns, 3.4 * rows + 0.4), dpi=_DPI, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False).flat
    for axes, name in zip(grid, names, strict=False):
        for (run, scalars), color in zip(runs.items(), _COLORS * len(runs), strict=False):
            if name not in scalars:
                continue
            series = scalars[name]
            if smoothing:
                axes.plot(series.steps, series.values, color=color, alpha=0.2, linewidth=0.8)
            line = smooth(series, smoothing)
            axes.plot(line.steps, line.values, color=color, linewidth=1.4, label=run)
        axes.set_title(name, fontsize=10)
        axes.set_xlabel("iteration")
        axes.set_yscale("log" if logarithmic else "linear")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=9)
    for axes in list(grid):
        axes.set_axis_off()
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
