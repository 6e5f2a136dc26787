"""A trained network and the names of its classes, from a config and a checkpoint."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.models.segmentors.base import BaseSegmentor

from mmaux.registry import DATASETS, MODELS
from mmaux.utils.main_network import load_main_network, read_checkpoint, weights_of


def load_segmentor(config: Config, checkpoint: str | Path) -> tuple[BaseSegmentor, tuple[str, ...]]:
    """Build a network, load it, and find the names of its classes.

    The names are those that the checkpoint was trained with, or those of the config's test data.

    Raises:
        ValueError: The checkpoint does not fit the network, or no names are known.
    """
    init_default_scope(config.get("default_scope", "mmseg"))
    network = MODELS.build(config.model)
    source = str(checkpoint)
    loaded = read_checkpoint(source)
    load_main_network(network, weights_of(loaded, source), source=source)
    meta = loaded.get("meta") or {}
    classes = (meta.get("dataset_meta") or {}).get("classes") or meta.get("CLASSES")
    classes = classes or _classes_of_data(config)
    if not classes:
        raise ValueError(
            f"neither checkpoint '{source}' nor {config.filename or 'the config'} names the "
            'classes; add them: --cfg-options "test_dataloader.dataset.metainfo.classes='
            "['wall','floor',...]\""
        )
    return network, tuple(classes)


def _classes_of_data(config: Config) -> Sequence[str] | None:
    dataset = (config.get("test_dataloader") or {}).get("dataset") or {}
    named = (dataset.get("metainfo") or {}).get("classes")
    if named or "type" not in dataset:
        return named
    with DATASETS.switch_scope_and_registry(None) as registry:  # names without scope are mmseg's
        kind = registry.get(dataset["type"])
    return getattr(kind, "METAINFO", {}).get("classes")
