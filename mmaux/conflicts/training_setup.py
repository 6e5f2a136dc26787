"""The network and the batches of a training, from its config and a checkpoint."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from mmaux.engine.loops.seeded_samples import build_seeded_dataloader
from mmaux.registry import MODELS
from mmaux.utils.checkpoint_report import compare_state_dict
from mmaux.utils.main_network import read_checkpoint, weights_of


def load_training_model(config: Config, checkpoint: str | Path) -> nn.Module:
    """The whole network with the weights of a checkpoint, auxiliary modules included.

    Raises:
        ValueError: The checkpoint cannot be read or does not fit.
    """
    init_default_scope(config.get("default_scope", "mmseg"))
    model: nn.Module = MODELS.build(config.model)
    source = str(checkpoint)
    weights = weights_of(read_checkpoint(source), source)
    report = compare_state_dict(model, weights)
    if not report.complete or report.unexpected:
        raise ValueError(
            f"checkpoint '{source}' is not of this config's network:\n{report.summary()}\n"
            "Give the config that it was trained with; a stripped checkpoint lacks the auxiliary "
            "module, whose losses are a part of the tasks' objectives."
        )
    model.load_state_dict(weights, strict=False)
    return model


def training_batches(config: Config, *, count: int, seed: int = 0) -> Iterator[Any]:
    """The first batches of a training with this seed, augmented as there.

    Raises:
        ValueError: The config has no training data, or no batch is asked for.
    """
    if count < 1:
        raise ValueError(f"batches is {count}; expected 1 or more.")
    if config.get("train_dataloader") is None:
        raise ValueError(
            f"{config.filename or 'config'} has no train_dataloader; gradients are measured on "
            "training batches."
        )
    loader = build_seeded_dataloader(config.train_dataloader, seed=seed)
    stream: Any = loader.sampler
    stream.begin(position=0, seed=seed)
    return islice(loader, count)
