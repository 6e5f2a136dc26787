"""Many samples in one picture: a column each, its image above its targets."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from mmaux.visualization.painters import PanelContext, painter_of, registered_fields

_GAP = 4


def draw_contact_sheet(
    images: Sequence[np.ndarray],
    targets: Sequence[Mapping[str, np.ndarray]],
    *,
    dataset_meta: Mapping[str, Any] | None = None,
    cell_width: int = 200,
) -> np.ndarray:
    """Draw samples as columns: image, then every target in the colours of its painter.

    All samples share one range of depth. There are no words: the caption is the reader's.

    Args:
        images: RGB images, uint8 (H, W, 3), of one size.
        targets: Maps (C, H', W') of each sample by field name without ``gt_``.
        dataset_meta: ``classes``, ``palette`` and ``ignore_index`` (255), all optional.
        cell_width: Width of an image in the sheet, in pixels.

    Returns:
        RGB sheet, uint8 (H, W, 3), on white. A sample without a target has an empty cell.

    Raises:
        ValueError: There is no image, or the images differ in size or number from the targets.
    """
    sizes = {image.shape[:2] for image in images}
    if len(sizes) != 1 or len(images) != len(targets):
        raise ValueError(
            f"a contact sheet needs images of one size and targets of each, found {len(images)} "
            f"images of sizes {sorted(sizes)} and targets of {len(targets)}."
        )
    height, width = sizes.pop()
    size = (max(1, round(height * cell_width / width)), cell_width)
    meta = dataset_meta or {}
    first = cv2.resize(images[0], size[::-1], interpolation=cv2.INTER_AREA)
    context = PanelContext(
        size=size,
        image=first,
        classes=meta.get("classes"),
        palette=meta.get("palette"),
        ignore_index=int(meta.get("ignore_index", 255)),
    )
    rows = [
        {
            str(index): cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
            for index, image in enumerate(images)
        }
    ]
    for field in _fields(targets):
        maps = {str(i): maps[field] for i, maps in enumerate(targets) if field in maps}
        rows.append(painter_of(field).paint(maps, context).pictures)
    return _tile(rows, num_columns=len(images), size=size)


def _fields(targets: Sequence[Mapping[str, np.ndarray]]) -> list[str]:
    found = dict.fromkeys(field for maps in targets for field in maps)
    known = [field for field in registered_fields() if field in found]
    return [*known, *sorted(set(found) - set(known))]


def _tile(
    rows: Sequence[Mapping[str, np.ndarray]], *, num_columns: int, size: tuple[int, int]
) -> np.ndarray:
    steps = size[0] + _GAP, size[1] + _GAP
    sheet = np.full(
        (len(rows) * steps[0] - _GAP, num_columns * steps[1] - _GAP, 3), 255, dtype=np.uint8
    )
    for row, pictures in enumerate(rows):
        for column, picture in pictures.items():
            top, left = row * steps[0], int(column) * steps[1]
            sheet[top : top + size[0], left : left + size[1]] = picture
    return sheet
