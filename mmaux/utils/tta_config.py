"""A config's test-time augmentation."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config

from .type_name import type_name

_FOR_LABELS = {"LoadAnnotations": "mmaux.LoadTargets", "PackSegInputs": "mmaux.PackMultiTaskInputs"}


def check_tta(config: Config) -> None:
    """See that test-time augmentation is there and knows all tasks.

    Raises:
        ValueError: ``tta_model`` or ``tta_pipeline`` is missing, or is of segmentation alone, as
            those are that mmseg's base configs bring along.
    """
    name = config.filename or "config"
    for key in ("tta_pipeline", "tta_model"):
        if not config.get(key):
            raise ValueError(f"{name}: tta needs {key} in the config.")
    if "heads" not in config.model:  # a network of mmseg, for which the below is right
        return
    kind = type_name(config.tta_model)
    if kind == "SegTTAModel":
        raise ValueError(
            f"{name}: tta_model is {kind}, which averages segmentation alone; write "
            "tta_model=dict(_delete_=True, type='mmaux.MultiTaskTTAModel')."
        )
    for step in _type_names(config.tta_pipeline):
        if step in _FOR_LABELS:
            raise ValueError(
                f"{name}: tta_pipeline has {step}, which is for labels alone; write "
                f"{_FOR_LABELS[step]} in its place."
            )


def _type_names(value: Any) -> Iterator[str]:
    """Of all steps, those within others too."""
    if isinstance(value, Mapping):
        if "type" in value:
            yield type_name(value)
        yield from _type_names(list(value.values()))
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _type_names(entry)
