"""Surface normals."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from mmaux.visualization.painters.base_painter import (
    Painting,
    PanelContext,
    TaskPainter,
    mark_invalid,
    resize_nearest,
)

_MIN_LENGTH = 1e-3


def normals_to_rgb(normals: np.ndarray, *, signs: tuple[int, int, int] = (1, -1, -1)) -> np.ndarray:
    """Colours of normals: ``(s * n + 1) / 2`` in red, green and blue.

    Args:
        normals: Array (3, H, W) in camera axes x right, y down, z away from the camera, of any
            length.
        signs: Factor s of x, y and z. The default is the usual picture: red looks right, green
            up, blue towards the camera, so that a wall facing the camera, (0, 0, -1), is
            (128, 128, 255). (1, 1, 1) gives the colours of the files that the converters write.

    Returns:
        uint8 (H, W, 3); grey (128, 128, 128) where the vector is zero.
    """
    length = np.linalg.norm(normals, axis=0, keepdims=True)
    unit = normals / np.maximum(length, _MIN_LENGTH)
    colors = (unit * np.array(signs).reshape(3, 1, 1) + 1) * 127.5
    return np.floor(colors + 0.5).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)


class NormalPainter(TaskPainter):
    """Normals as colours, explained by a ball; zero vectors and NaN are hatched.

    Args:
        title: Head of the column.
        signs: Factors of the camera axes x, y, z, see :func:`normals_to_rgb`.
    """

    def __init__(
        self, title: str = "surface normals", *, signs: tuple[int, int, int] = (1, -1, -1)
    ) -> None:
        self.title = title
        self.signs = signs

    def paint(self, maps: Mapping[str, np.ndarray], context: PanelContext) -> Painting:
        """Paint normals (3, H, W)."""
        pictures = {row: self._picture(array, context.size) for row, array in maps.items()}
        return Painting(title=self.title, pictures=pictures, legend=self.draw_legend)

    def _picture(self, array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        normals = resize_nearest(array, size).astype(np.float64)
        finite = np.isfinite(normals).all(axis=0)
        normals = np.where(finite, normals, 0)
        zero = np.linalg.norm(normals, axis=0) < _MIN_LENGTH
        return mark_invalid(normals_to_rgb(normals, signs=self.signs), zero)

    def draw_legend(self, axes: Axes) -> None:
        """Draw a ball as the camera would see it, and what the colours mean."""
        width, height = axes.get_xlim()[1], axes.get_ylim()[1]
        y, x = np.mgrid[-1:1:96j, -1:1:96j]  # image axes: y grows downwards
        inside = x**2 + y**2 < 1
        z = -np.sqrt(np.where(inside, 1 - x**2 - y**2, 0))
        ball = np.dstack(
            [normals_to_rgb(np.stack([x, y, z]), signs=self.signs), inside.astype(np.uint8) * 255]
        )
        directions = (("left", "right"), ("up", "down"), ("to the camera", "away from it"))
        red, green, blue = (
            f"{color} {pair[sign > 0]}"
            for color, pair, sign in zip(
                ("red", "green", "blue"), directions, self.signs, strict=True
            )
        )
        wide = width >= 360
        text = f"{red}, {green}, {blue}" if wide else f"{red}, {green},\n{blue}"
        left = max(0.0, width / 2 - (170 if wide else 110))
        axes.imshow(ball, extent=(left, left + height - 2, 1, height - 1), interpolation="bilinear")
        axes.text(
            left + height + 6,
            height / 2,
            f"direction the surface faces:\n{text}",
            va="center",
            fontsize=10 if wide else 9,
        )
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        axes.set_aspect("auto")
