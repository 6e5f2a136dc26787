"""A trained network and the names of its classes, from a config and a checkpoint."""

from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.models.segmentors.base import BaseSegmentor

from mmaux.registry import MODELS
from mmaux.utils.class_names import find_class_names
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
    classes = find_class_names(config, loaded)
    if not classes:
        raise ValueError(
            f"neither checkpoint '{source}' nor {config.filename or 'the config'} names the "
            'classes; add them: --cfg-options "test_dataloader.dataset.metainfo.classes='
            "['wall','floor',...]\""
        )
    return network, classes
