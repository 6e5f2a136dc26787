"""A prediction as the page takes it."""

import base64
import math
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from mmaux.geometry.camera import depth_to_points
from mmaux.inference import Prediction
from mmaux.visualization.painters import PanelContext, painter_of

_POINTS = 30_000


def page_data(
    prediction: Prediction, *, dataset_meta: Mapping[str, Any], field_of_view: float
) -> dict[str, Any]:
    """Pictures, readings under the cursor and point cloud of a prediction, as JSON values.

    Arrays are base64 of their bytes, row by row.

    Args:
        prediction: What was predicted.
        dataset_meta: ``classes`` and ``palette``, as far as they are known.
        field_of_view: Horizontal angle of the camera in degrees, from which the points of the
            cloud are computed.

    Returns:
        ``width``, ``height``; ``views``: title, PNG and key of each picture, the image first;
        ``readings``: ``classes`` and ``ids``, ``metres``, ``normal`` by pixel, ``confidence``;
        ``cloud``: points (N, 3) in metres (right, away from the camera, up) and the colours of
        each view. Parts without a task that gives them are absent.

    Raises:
        ValueError: The angle is out of range.
    """
    if not 1 <= field_of_view < 180:
        raise ValueError(f"field of view: found {field_of_view:g} degrees, expected 1 to 179.")
    height, width = prediction.image.shape[:2]
    pictures = {"image": np.ascontiguousarray(prediction.image[..., ::-1])}
    views: list[dict[str, Any]] = [
        {"name": "image", "title": "image", "png": _png(pictures["image"]), "key": []}
    ]
    context = PanelContext(
        size=(height, width),
        image=pictures["image"],
        classes=dataset_meta.get("classes"),
        palette=dataset_meta.get("palette"),
    )
    for name, array in prediction.fields.items():
        field = name.removeprefix("pred_")
        painting = painter_of(field).paint({"pred": array}, context)
        pictures[field] = painting.pictures["pred"]
        key = [{"color": _css(color), "name": text} for color, text in painting.key]
        views.append(
            {"name": field, "title": painting.title, "png": _png(pictures[field]), "key": key}
        )
    data: dict[str, Any] = {"width": width, "height": height, "views": views}
    data["readings"] = _readings(prediction, dataset_meta.get("classes"))
    if "pred_depth_map" in prediction.fields:
        depth = prediction.fields["pred_depth_map"][0].astype(np.float32)
        data["cloud"] = _cloud(depth, pictures, field_of_view)
    scene = prediction.maps.get("scene")
    if scene is not None:
        names = dataset_meta.get("scenes")
        data["scene"] = str(scene) if names is None else str(names[int(scene)])
    return data


def _readings(prediction: Prediction, classes: Any) -> dict[str, Any]:
    fields = prediction.fields
    readings: dict[str, Any] = {}
    if "pred_sem_seg" in fields:
        ids = fields["pred_sem_seg"][0]
        names = list(classes) if classes else [str(i) for i in range(int(ids.max()) + 1)]
        readings["classes"], readings["ids"] = names, _base64(ids.astype(np.uint16))
    if "pred_depth_map" in fields:
        readings["metres"] = _base64(fields["pred_depth_map"][0].astype(np.float32))
    if "pred_normal_map" in fields:
        codes = np.rint(np.moveaxis(fields["pred_normal_map"], 0, -1) * 127)
        readings["normal"] = _base64(codes.astype(np.int8))
    if prediction.confidence is not None:
        codes = np.rint(prediction.confidence * 255)
        readings["confidence"] = _base64(codes.astype(np.uint8))
    return readings


def _cloud(
    depth: np.ndarray, pictures: Mapping[str, np.ndarray], field_of_view: float
) -> dict[str, Any]:
    height, width = depth.shape
    focal = width / 2 / math.tan(math.radians(field_of_view) / 2)
    matrix = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])
    step = max(1, math.ceil(math.sqrt(height * width / _POINTS)))
    chosen = np.zeros_like(depth, dtype=bool)
    chosen[::step, ::step] = True
    chosen &= np.isfinite(depth) & (depth > 0)
    x, y, z = depth_to_points(depth, matrix)[chosen].T
    return {
        "points": _base64(np.stack([x, z, -y], axis=1).astype(np.float32)),
        "colors": {name: _base64(picture[chosen]) for name, picture in pictures.items()},
    }


def _png(picture: np.ndarray) -> str:
    found, content = cv2.imencode(".png", picture[..., ::-1])
    assert found
    return "data:image/png;base64," + base64.b64encode(content.tobytes()).decode()


def _css(color: tuple[int, int, int]) -> str:
    return f"rgb({color[0]}, {color[1]}, {color[2]})"


def _base64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
