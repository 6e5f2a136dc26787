"""Maps of one number a pixel, such as depth."""

from collections.abc import Mapping
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from mmaux.visualization.painters.base_painter import (
    Painting,
    PanelContext,
    TaskPainter,
    mark_invalid,
    resize_nearest,
)

_BAR_HEIGHT = 12
_BAR_MARGIN = 14


@dataclass(frozen=True)
class ColorBar:
    """Colour bar under a column, in the axes of :attr:`Painting.legend`.

    Attributes:
        cmap: Name of a matplotlib colour map.
        low: Value of its first colour.
        high: Value of its last colour.
        label: Quantity, unit and range in words.
        below: Whether some values lie below ``low``; drawn as a pointed end.
        above: Whether some values lie above ``high``.
    """

    cmap: str
    low: float
    high: float
    label: str
    below: bool = False
    above: bool = False

    def __call__(self, axes: Axes) -> None:
        """Draw the bar, its ticks and its label."""
        width, height = axes.get_xlim()[1], axes.get_ylim()[1]
        left, right = _BAR_MARGIN, width - _BAR_MARGIN
        top = height - 2
        bottom = top - _BAR_HEIGHT
        cmap = matplotlib.colormaps[self.cmap]
        axes.imshow(
            np.linspace(0, 1, 256)[None],
            cmap=cmap,
            extent=(left, right, bottom, top),
            aspect="auto",
            vmin=0,
            vmax=1,
        )
        middle = (bottom + top) / 2
        for pointed, edge, tip, color in (
            (self.below, left, left - 9, cmap(0.0)),
            (self.above, right, right + 9, cmap(1.0)),
        ):
            if pointed:
                axes.fill([edge, tip, edge], [bottom, middle, top], color=color, linewidth=0)
        for value in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(self.low, self.high):
            if self.low <= value <= self.high:
                x = left + (right - left) * (value - self.low) / (self.high - self.low)
                axes.plot([x, x], [bottom - 3, bottom], color="#333333", linewidth=0.8)
                axes.text(x, bottom - 4, f"{value:g}", ha="center", va="top", fontsize=10)
        axes.text(width / 2, 1, self.label, ha="center", va="bottom", fontsize=10)
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)


class ScalarPainter(TaskPainter):
    """One number a pixel through a colour map; ground truth and prediction share one range.

    The range goes from one percentile of all valid values of both maps to another; the colour bar
    states it and has a pointed end where values lie beyond. Without a valid pixel there is no bar.

    Args:
        title: Head of the column.
        unit: Unit for the colour bar, if any.
        cmap: Name of a matplotlib colour map.
        percentiles: Percentiles of the valid values that get the first and the last colour.
        positive: Whether 0 and negative values are invalid, as in depth. NaN and infinity always
            are.
    """

    def __init__(
        self,
        title: str,
        *,
        unit: str = "",
        cmap: str = "gray",
        percentiles: tuple[float, float] = (0.0, 100.0),
        positive: bool = False,
    ) -> None:
        self.title = title
        self.unit = unit
        self.cmap = cmap
        self.percentiles = percentiles
        self.positive = positive

    def paint(self, maps: Mapping[str, np.ndarray], context: PanelContext) -> Painting:
        """Paint maps (1, H, W) of numbers."""
        values = np.concatenate([array[self._valid(array)] for array in maps.values()])
        values = values.astype(np.float64)
        low, high = np.percentile(values, self.percentiles).tolist() if values.size else (0.0, 1.0)
        if high - low < 1e-6 * max(1.0, abs(low)):
            low, high = low - 0.5, high + 0.5
            if self.positive:
                low = max(low, 0.0)
        pictures = {
            row: self._picture(array, low, high, context.size) for row, array in maps.items()
        }
        bar = ColorBar(
            cmap=self.cmap,
            low=low,
            high=high,
            label=self._label(low, high, num_rows=len(maps)),
            below=bool((values < low).any()),
            above=bool((values > high).any()),
        )
        return Painting(title=self.title, pictures=pictures, legend=bar if values.size else None)

    def _label(self, low: float, high: float, *, num_rows: int) -> str:
        unit = f" {self.unit}" if self.unit else ""
        shared = f", same in {'both' if num_rows == 2 else 'all'} rows" if num_rows > 1 else ""
        return f"{low:.3g} to {high:.3g}{unit}{shared}"

    def _valid(self, array: np.ndarray) -> np.ndarray:
        valid = np.isfinite(array)
        return valid & (array > 0) if self.positive else valid

    def _picture(
        self, array: np.ndarray, low: float, high: float, size: tuple[int, int]
    ) -> np.ndarray:
        values = resize_nearest(array, size)[0].astype(np.float64)
        valid = self._valid(values)
        share = (np.where(valid, values, low) - low) / (high - low)
        picture = matplotlib.colormaps[self.cmap](share.clip(0, 1), bytes=True)[..., :3]
        return mark_invalid(picture, ~valid)
