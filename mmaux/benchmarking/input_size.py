"""The size that a config trains at: reading it and changing it."""

import copy
from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

Size = tuple[int, int]


def training_size(config: Config) -> Size:
    """Height and width of the training batches: what the data preprocessor pads to.

    Raises:
        ValueError: The config states none.
    """
    size = (config.model.get("data_preprocessor") or {}).get("size")
    if size is None:
        raise ValueError(
            f"{config.filename or 'config'}: model.data_preprocessor has no size; give one, such "
            "as --size 240x320."
        )
    return int(size[0]), int(size[1])


def with_training_size(config: Config, size: Size) -> Config:
    """A copy that trains at another size: preprocessor, crops, and the size resized to.

    Args:
        config: A training config; not changed.
        size: (H, W) in pixels.
    """
    changed = Config(copy.deepcopy(config.to_dict()), filename=config.filename)
    changed.model.setdefault("data_preprocessor", {})["size"] = size
    for transform in _transforms(_training_pipeline(changed)):
        if "crop_size" in transform:
            transform["crop_size"] = size
        if "scale" in transform:
            transform["scale"] = size[::-1]  # mmcv writes (width, height)
    return changed


def augmentation_setting(config: Config, name: str) -> Any:
    """A setting of the training pipeline, such as ``crop_size``, by its name.

    Raises:
        ValueError: No transform has it.
    """
    for transform in _transforms(_training_pipeline(config)):
        if name in transform:
            return transform[name]
    raise ValueError(
        f"{config.filename or 'config'}: no transform of train_dataloader.dataset.pipeline has "
        f"{name!r}; mmseg's pipeline is made with the same one. Give a config that has it."
    )


def _training_pipeline(config: Config) -> Any:
    dataset = config.get("train_dataloader", {}).get("dataset", {})
    return dataset.get("pipeline", [])


def _transforms(pipeline: Any) -> Iterator[dict[str, Any]]:
    """All transforms, also those inside others."""
    if isinstance(pipeline, dict):
        if "type" in pipeline:
            yield pipeline
        for value in pipeline.values():
            yield from _transforms(value)
    elif isinstance(pipeline, (list, tuple)):
        for value in pipeline:
            yield from _transforms(value)
