"""What a panel needs to know about one kind of map."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

HATCH_COLORS = ((236, 236, 236), (150, 150, 150))
_HATCH_PERIOD = 8


@dataclass(frozen=True)
class PanelContext:
    """What all painters of a panel share.

    Attributes:
        size: Height and width of a cell in pixels of the panel.
        image: RGB image at that size, uint8 (h, w, 3).
        classes: Class names, if any are known.
        palette: RGB colour of every class, if given.
        ignore_index: Id of unlabelled pixels.
        alpha: Opacity of class colours over the image.
    """

    size: tuple[int, int]
    image: np.ndarray
    classes: Sequence[str] | None = None
    palette: Sequence[Sequence[int]] | None = None
    ignore_index: int = 255
    alpha: float = 1.0


@dataclass(frozen=True)
class Painting:
    """One column of a panel.

    Attributes:
        title: Head of the column.
        pictures: RGB pictures by row (``gt``, ``pred``), uint8 at the size of a cell.
        key: Colours and their names, the most important first, for the key of the panel.
        legend: Draws what belongs under the column, such as a colour bar, into axes whose data
            coordinates are pixels with the origin at the lower left.
    """

    title: str
    pictures: dict[str, np.ndarray]
    key: tuple[tuple[tuple[int, int, int], str], ...] = ()
    legend: Callable[[Axes], None] | None = None


class TaskPainter(ABC):
    """Turns the maps of one task into the pictures of a column.

    A task of your own needs a subclass, registered under its data field with
    :func:`mmaux.visualization.register_painter`.
    """

    @abstractmethod
    def paint(self, maps: Mapping[str, np.ndarray], context: PanelContext) -> Painting:
        """Paint ground truth and prediction of one image alike.

        Args:
            maps: Arrays (C, H, W) by row, ``gt`` and ``pred`` or one of them; sizes may differ
                from each other and from the cell.
            context: Size of a cell, image and class names.

        Returns:
            A picture for every map, and what explains them.
        """


def resize_nearest(array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Sample a map (C, H, W) of any type at the centres of ``size`` = (height, width) pixels."""
    rows = ((np.arange(size[0]) + 0.5) * array.shape[-2] / size[0]).astype(np.int64)
    columns = ((np.arange(size[1]) + 0.5) * array.shape[-1] / size[1]).astype(np.int64)
    return array[:, rows[:, None], columns]


def hatch(size: tuple[int, int]) -> np.ndarray:
    """Diagonal grey stripes, the mark of invalid pixels: uint8 (height, width, 3)."""
    rows, columns = np.indices(size)
    stripe = (rows + columns) // (_HATCH_PERIOD // 2) % 2
    return np.array(HATCH_COLORS, dtype=np.uint8)[stripe]


def mark_invalid(picture: np.ndarray, invalid: np.ndarray) -> np.ndarray:
    """Hatch the pixels of an RGB picture (h, w, 3) where ``invalid`` (h, w) is true."""
    return np.where(invalid[..., None], hatch(invalid.shape), picture)
