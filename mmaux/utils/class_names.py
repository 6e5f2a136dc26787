"""The names of a trained network's classes."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.config import Config

from mmaux.registry import DATASETS


def find_class_names(config: Config, loaded: Mapping[str, Any]) -> tuple[str, ...]:
    """Names that a checkpoint was trained with, or those of the config's test data.

    Args:
        config: A config, whose ``test_dataloader.dataset`` is looked at.
        loaded: Content of a checkpoint file.

    Returns:
        The names; empty if neither knows them.
    """
    meta = loaded.get("meta") or {}
    names = (meta.get("dataset_meta") or {}).get("classes") or meta.get("CLASSES")
    return tuple(names or _classes_of_data(config) or ())


def _classes_of_data(config: Config) -> Sequence[str] | None:
    dataset = (config.get("test_dataloader") or {}).get("dataset") or {}
    named = (dataset.get("metainfo") or {}).get("classes")
    if named or "type" not in dataset:
        return named
    return class_metainfo(dataset).get("classes")


def class_metainfo(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """``METAINFO`` of the class that a data set's config names; empty if there is none.

    Args:
        dataset: The config; in pure Python it holds the class itself.
    """
    kind = dataset.get("type")
    if isinstance(kind, str):
        with DATASETS.switch_scope_and_registry(None) as registry:  # mmseg's without scope
            kind = registry.get(kind)
    return dict(getattr(kind, "METAINFO", {}))
