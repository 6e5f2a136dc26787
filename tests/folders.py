"""Small data sets on disk for tests."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scenes import CLASSES, Scene, render


def write_png(path: Path, array: np.ndarray) -> Path:
    """Write (H, W) or RGB (H, W, 3), uint8 or uint16."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), array[..., ::-1] if array.ndim == 3 else array)
    return path


def write_room(
    root: Path, *stems: str, size: tuple[int, int] = (48, 64), meta: dict[str, Any] | None = None
) -> Scene:
    """Write the analytic room under each stem, image brightness differing, in the common layout."""
    scene = render(size, focal=0.86 * size[1])
    for number, stem in enumerate(stems):
        write_png(root / f"image/{stem}.png", np.clip(scene.image, 0, 200) + np.uint8(number))
        write_png(root / f"label/{stem}.png", scene.labels)
        write_png(root / f"depth/{stem}.png", np.rint(scene.depth * 1000).astype(np.uint16))
        write_png(
            root / f"normal/{stem}.png",
            np.rint((scene.normals + 1) * 32767.5).astype(np.uint16),
        )
    if meta is not None:
        (root / "meta.json").write_text(json.dumps(meta))
    return scene


def room_config(root: Path, *tasks: str, **changes: Any) -> dict[str, Any]:
    """Arguments of a folder data set of the room."""
    return {
        "data_root": str(root),
        "targets": tasks or ("semseg", "depth", "normal"),
        "metainfo": {"classes": CLASSES},
        "pipeline": [
            {"type": "mmaux.LoadImageFromFile"},
            {"type": "mmaux.LoadTargets"},
            {"type": "mmaux.PackMultiTaskInputs"},
        ],
        **changes,
    }
