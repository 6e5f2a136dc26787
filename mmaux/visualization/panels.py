"""One picture with the image, the ground truth and the prediction of every task."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mmaux.visualization.painters import (
    Painting,
    PanelContext,
    hatch,
    painter_of,
    registered_fields,
)
from mmaux.visualization.panel_layout import Box, PanelLayout

_DPI = 100
_INK = "#222222"
_EMPTY = 244
_MIN_CELL = 256
_KEY_LINE = 22
_KEY_COLUMN = 200
ROWS = {"gt": "ground truth", "pred": "prediction"}
"""Rows of a panel from top to bottom: first word of a field, and what is written beside the row."""


def draw_panel(
    image: np.ndarray,
    fields: Mapping[str, np.ndarray],
    *,
    dataset_meta: Mapping[str, Any] | None = None,
    cell_size: int = 448,
    alpha: float = 1.0,
    with_labels: bool = True,
    rows: Mapping[str, str] = ROWS,
) -> np.ndarray:
    """Draw image, ground truth and prediction of every task side by side.

    Rows are ground truth and prediction (or those of ``rows``), columns the image and each task
    that has any; a missing one leaves a cell that says so, and a row without any map is left out.
    Invalid pixels are hatched. Every task is drawn by its painter, see
    :func:`mmaux.visualization.register_painter`.

    Args:
        image: RGB image, uint8 (H, W, 3).
        fields: Maps (C, H', W') by the name of their field, ``gt_sem_seg``, ``pred_depth_map`` and
            so on; they may have other sizes than the image and are shown over the whole of it.
        dataset_meta: ``classes``, ``palette`` and ``ignore_index`` (255), all optional.
        cell_size: Width of the image in the panel, in pixels, 256 at least; an image that
            would be more than a third higher than that is made narrower, down to 256.
        alpha: Opacity of class colours over the image.
        with_labels: Whether the key names the classes.
        rows: Name of every row by the first word of its fields, from top to bottom; to compare
            networks, ``{'gt': 'ground truth', 'a': 'joint', 'b': 'auxiliary'}`` with fields
            ``gt_depth_map``, ``a_depth_map``, ``b_depth_map`` and so on.

    Returns:
        RGB panel, uint8 (H, W, 3).

    Raises:
        ValueError: If the image or a map has another shape, a name begins with no row's word, a
            field with several channels has no painter, or ``cell_size`` is too small.
    """
    _check_image(image)
    maps = _maps_by_field(fields, rows)
    meta = dataset_meta or {}
    cell = _cell_size(image.shape[:2], cell_size)
    shrinks = cell[0] < image.shape[0]
    context = PanelContext(
        size=cell,
        image=cv2.resize(
            image, cell[::-1], interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        ),
        classes=meta.get("classes"),
        palette=meta.get("palette"),
        ignore_index=int(meta.get("ignore_index", 255)),
        alpha=alpha,
    )
    paintings = [painter_of(field).paint(by_row, context) for field, by_row in maps.items()]
    drawn = {
        row: name
        for row, name in rows.items()
        if any(row in painting.pictures for painting in paintings)
    }
    layout = PanelLayout(cell=cell, num_rows=max(len(drawn), 1), num_columns=1 + len(paintings))
    keys = [(p.title, p.key) for p in paintings if p.key] if with_labels else []
    panel = _draw_words(layout, drawn, paintings, keys)
    panel[layout.picture(0, 0).slices] = context.image
    for column, painting in enumerate(paintings, start=1):
        for index, row in enumerate(drawn):
            if row in painting.pictures:
                panel[layout.picture(index, column).slices] = painting.pictures[row]
    return panel


def _check_image(image: np.ndarray) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f"image is {image.dtype} of shape {image.shape}; expected an RGB image, uint8 (H, W, "
            "3). A tensor (3, H, W) needs .permute(1, 2, 0) and its mean and std put back."
        )


def _cell_size(size: Sequence[int], cell_size: int) -> tuple[int, int]:
    if cell_size < _MIN_CELL:
        raise ValueError(f"cell_size is {cell_size}; the legends need {_MIN_CELL} pixels at least.")
    scale = max(cell_size / max(size[1], size[0] * 0.75), _MIN_CELL / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _maps_by_field(
    fields: Mapping[str, np.ndarray], rows: Mapping[str, str]
) -> dict[str, dict[str, np.ndarray]]:
    """Group fields into rows of a column: registered ones first, then by name."""
    maps: dict[str, dict[str, np.ndarray]] = {}
    for name, array in fields.items():
        row, _, field = name.partition("_")
        if row not in rows or not field:
            starts = " or ".join(f"'{row}_'" for row in rows)
            raise ValueError(
                f"fields holds {name!r}; expected names that start with {starts}, such as "
                "'gt_depth_map'."
            )
        if array.ndim != 3 or 0 in array.shape:
            raise ValueError(
                f"{name} has shape {array.shape}; expected (C, H, W). Add the channel axis with "
                "array[None] if it is missing."
            )
        if field not in registered_fields() and array.shape[0] != 1:
            raise ValueError(
                f"{name} has {array.shape[0]} channels and no painter; give it one with "
                f"mmaux.visualization.register_painter({field!r}, ...)."
            )
        maps.setdefault(field, {})[row] = array
    known = [field for field in registered_fields() if field in maps]
    return {field: maps[field] for field in [*known, *sorted(set(maps) - set(known))]}


def _draw_words(
    layout: PanelLayout,
    rows: Mapping[str, str],
    paintings: Sequence[Painting],
    keys: Sequence[tuple[str, Sequence[tuple[tuple[int, int, int], str]]]],
) -> np.ndarray:
    """Everything but the pictures, on white: uint8 (H, W, 3)."""
    height, width = layout.size
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    page = _axes(figure, layout, Box(0, 0, width, height))
    for column, title in enumerate(["image", *(painting.title for painting in paintings)]):
        box = layout.title(column)
        _text(page, box, title, height, fontsize=13)
    for index, (row, row_name) in enumerate(rows.items()):
        _text(page, layout.row_label(index), row_name, height, fontsize=13, rotation=90)
        for column, painting in enumerate(paintings, start=1):
            if row not in painting.pictures:
                box = layout.picture(index, column)
                corner = (box.left, height - box.top - box.height)
                shade = (_EMPTY / 255,) * 3
                page.add_patch(Rectangle(corner, box.width, box.height, facecolor=shade))
                _text(page, box, f"no {row_name}", height, fontsize=13, color="#666666")
    for column, painting in enumerate(paintings, start=1):
        if painting.legend is not None:
            painting.legend(_axes(figure, layout, layout.legend(column)))
    if paintings:
        _draw_key(_axes(figure, layout, layout.key), keys)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _axes(figure: Figure, layout: PanelLayout, box: Box) -> Axes:
    """Axes over a box, whose data coordinates are pixels with the origin at the lower left."""
    height, width = layout.size
    bottom = height - box.top - box.height
    axes = figure.add_axes(
        (box.left / width, bottom / height, box.width / width, box.height / height)
    )
    axes.set_axis_off()
    axes.set_xlim(0, box.width)
    axes.set_ylim(0, box.height)
    return axes


def _text(page: Axes, box: Box, text: str, page_height: int, **style: Any) -> None:
    style.setdefault("color", _INK)
    x, y = box.left + box.width / 2, page_height - box.top - box.height / 2
    page.text(x, y, text, ha="center", va="center", **style)


def _draw_key(
    axes: Axes, keys: Sequence[tuple[str, Sequence[tuple[tuple[int, int, int], str]]]]
) -> None:
    """Write the colours of all columns, and the hatch, as far as there is room."""
    width, height = axes.get_xlim()[1], axes.get_ylim()[1]
    num_columns = max(1, int(width // _KEY_COLUMN))
    num_lines = max(2, int(height // _KEY_LINE))
    lines: list[tuple[tuple[int, int, int] | None, str]] = []
    for title, entries in keys:
        lines += [(None, f"{title}:")] if len(keys) > 1 else []
        lines += entries
    room = num_columns * num_lines - 1
    if len(lines) > room:
        lines = [*lines[: room - 1], (None, f"and {len(lines) - room + 1} more")]
    column_width = width / num_columns
    for index, (color, name) in enumerate([*lines, (None, "no valid value")]):
        x = index // num_lines * column_width + 6
        y = height - (index % num_lines + 0.5) * _KEY_LINE
        swatch = (x, x + 20, y - 6, y + 6)
        if index == len(lines):
            axes.imshow(hatch((12, 20)), extent=swatch, aspect="auto")
        elif color is not None:
            corner, face = (x, y - 6), tuple(value / 255 for value in color)
            axes.add_patch(Rectangle(corner, 20, 12, facecolor=face, edgecolor="#888888", lw=0.5))
        limit = int((column_width - 34) / 8.2)
        short = name if len(name) <= limit else name[: limit - 1] + "…"
        axes.text(x + 28, y, short, va="center_baseline", fontsize=11, color=_INK)
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
