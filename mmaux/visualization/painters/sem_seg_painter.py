"""Class maps."""

from collections.abc import Mapping

import numpy as np

from mmaux.visualization.painters.base_painter import (
    Painting,
    PanelContext,
    TaskPainter,
    mark_invalid,
    resize_nearest,
)
from mmaux.visualization.palette import distinct_palette


class SemSegPainter(TaskPainter):
    """Class ids in the colours of their classes; unlabelled pixels are hatched.

    The key names the classes that occur in ground truth or prediction, the most frequent first. Ids
    beyond the known classes have a colour and the name ``id N``. Classes without a colour in the
    palette get one of :func:`mmaux.visualization.distinct_palette`.

    Args:
        title: Head of the column.
    """

    def __init__(self, title: str = "semantic segmentation") -> None:
        self.title = title

    def paint(self, maps: Mapping[str, np.ndarray], context: PanelContext) -> Painting:
        """Paint class maps (1, H, W) of integers; negative ids count as unlabelled."""
        counts: dict[int, int] = {}
        for array in maps.values():
            ids, frequencies = np.unique(array, return_counts=True)
            for index, frequency in zip(ids.tolist(), frequencies.tolist(), strict=True):
                if index >= 0 and index != context.ignore_index:
                    counts[index] = counts.get(index, 0) + frequency
        colors = self._colors(max(counts, default=0) + 1, context)
        classes = context.classes or ()
        key = tuple(
            (
                tuple(colors[index].tolist()),
                classes[index] if index < len(classes) else f"id {index}",
            )
            for index in sorted(counts, key=lambda index: (-counts[index], index))
        )
        pictures = {row: self._picture(array, colors, context) for row, array in maps.items()}
        return Painting(title=self.title, pictures=pictures, key=key)

    def _colors(self, number: int, context: PanelContext) -> np.ndarray:
        given = np.array(context.palette or [], dtype=np.uint8).reshape(-1, 3)
        colors = distinct_palette(max(number, len(given)))
        colors[: len(given)] = given
        return colors

    def _picture(self, array: np.ndarray, colors: np.ndarray, context: PanelContext) -> np.ndarray:
        ids = resize_nearest(array, context.size)[0].astype(np.int64)
        invalid = (ids < 0) | (ids == context.ignore_index)
        picture = colors[np.where(invalid, 0, ids)]
        if context.alpha < 1:
            mixed = context.alpha * picture + (1 - context.alpha) * context.image
            picture = np.round(mixed).astype(np.uint8)
        return mark_invalid(picture, invalid)
