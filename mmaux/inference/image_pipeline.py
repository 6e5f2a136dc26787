"""A config's test pipeline for images that have been read."""

from typing import Any

from mmengine.config import Config
from mmengine.dataset import Compose

from .image_source import Frame

_LOADER = "LoadImageFromFile"


def image_pipeline(config: Config, *, tta: bool) -> Compose:
    """What follows the loading of the image in testing.

    Raises:
        ValueError: There is no such pipeline, or it does not begin by loading an image.
    """
    name = config.filename or "config"
    if tta:
        found = config.get("tta_pipeline")
    else:
        dataset = (config.get("test_dataloader") or {}).get("dataset") or {}
        found = dataset.get("pipeline") or config.get("test_pipeline")
    if not found:
        raise ValueError(f"{name}: no {'tta_pipeline' if tta else 'test pipeline'} in it.")
    first = str(found[0]["type"]).rpartition(".")[2]
    if first != _LOADER:
        raise ValueError(f"{name}: the test pipeline begins with {first}, expected {_LOADER}.")
    return Compose(found[1:])


def prepare(frame: Frame, pipeline: Compose) -> dict[str, Any]:
    """An image as the network's data preprocessor takes it."""
    size = frame.image.shape[:2]
    return pipeline(
        {
            "img": frame.image,
            "img_path": frame.name,
            "img_shape": size,
            "ori_shape": size,
            "targets": {},
            "label_map": None,
            "reduce_zero_label": False,
            "seg_fields": [],
        }
    )
