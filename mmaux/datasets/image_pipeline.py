"""A config's test pipeline for images without truth."""

from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose

from mmaux.utils.type_name import type_name

_LOADER = "LoadImageFromFile"


def test_steps(config: Config) -> list[dict[str, Any]]:
    """The config's test pipeline; empty without one."""
    dataset = (config.get("test_dataloader") or {}).get("dataset") or {}
    return list(dataset.get("pipeline") or config.get("test_pipeline") or ())


def image_pipeline(config: Config, *, tta: bool = False) -> Compose:
    """What follows the loading of the image in testing.

    Raises:
        ValueError: There is no such pipeline, or it does not begin by loading an image.
    """
    name = config.filename or "config"
    found = config.get("tta_pipeline") if tta else test_steps(config)
    if not found:
        raise ValueError(f"{name}: no {'tta_pipeline' if tta else 'test pipeline'} in it.")
    first = type_name(found[0])
    if first != _LOADER:
        raise ValueError(f"{name}: the test pipeline begins with {first}, expected {_LOADER}.")
    return Compose(found[1:])


def prepare(image: np.ndarray, pipeline: Compose, *, name: str) -> dict[str, Any]:
    """An image as the network's data preprocessor takes it.

    Args:
        image: BGR uint8 (H, W, 3).
        pipeline: From :func:`image_pipeline`.
        name: What the data sample's ``img_path`` says.
    """
    size = image.shape[:2]
    return pipeline(
        {
            "img": image,
            "img_path": name,
            "img_shape": size,
            "ori_shape": size,
            "targets": {},
            "label_map": None,
            "reduce_zero_label": False,
            "seg_fields": [],
        }
    )
