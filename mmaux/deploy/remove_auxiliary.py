"""Removing the auxiliary module, and all else of training, with proof."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner.checkpoint import CheckpointLoader

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import MODELS
from mmaux.utils.files import OutputPathError, atomic_write, ensure_writable_dir
from mmaux.utils.main_network import load_main_network, weights_of
from mmaux.version import __version__

from .bit_equality import compare_predictions
from .complexity import Complexity, inference_complexity, training_complexity
from .real_inputs import read_inputs
from .strip_config import strip_config

_TRAINING_ONLY = tuple(f"{name}." for name in MultiTaskEncoderDecoder.training_only)


@dataclass(frozen=True)
class RemovalReport:
    """What was written and what it costs.

    Attributes:
        config: The config written.
        checkpoint: The checkpoint written.
        had_auxiliary: Whether there was an auxiliary module to remove.
        averaged: Whether the weights are the averaged ones of an EMA hook.
        before: The forward pass of training.
        after: The network written.
        images: Images on which the predictions were compared.
        fields: Fields of the predictions that are bit-equal.
    """

    config: str
    checkpoint: str
    had_auxiliary: bool
    averaged: bool
    before: Complexity
    after: Complexity
    images: tuple[str, ...]
    fields: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def remove_auxiliary(
    config: Config,
    checkpoint: str | Path,
    *,
    out_dir: str | Path,
    images: Sequence[str | Path] = (),
    num_images: int = 4,
) -> RemovalReport:
    """Write a config and a checkpoint of the main network alone, and check its predictions.

    The weights are those of ``state_dict``. mmengine's ``EMAHook`` puts the averaged weights
    there, which ``tools/test.py`` evaluates too; its ``ema_state_dict`` then holds the others,
    needed to resume training only, and is left out.

    Args:
        config: The config that the checkpoint was trained with, read from a file.
        checkpoint: A Runner's checkpoint, or a bare state dict.
        out_dir: Folder for both files, which keep their names.
        images: Images to compare predictions on; by default the first of the test data set.
        num_images: How many of the test data set.

    Returns:
        What was written, compared and counted.

    Raises:
        ValueError: The checkpoint does not fill the config's network, the config is not of a
            multi-task network, or there is no image.
        OutputPathError: The folder cannot be written, or an input would be overwritten.
        PredictionsDifferError: The predictions are not bit-equal. What was written stays.
    """
    if config.filename is None:
        raise ValueError("config was not read from a file; use Config.fromfile.")
    folder = ensure_writable_dir(out_dir)
    source = str(checkpoint)
    sources = Path(config.filename), Path(source).expanduser()
    targets = folder / f"{sources[0].stem}.py", folder / f"{sources[1].stem}.pth"
    for target, input_file in zip(targets, sources, strict=True):
        if target.resolve() == input_file.resolve():
            raise OutputPathError(
                f"'{target}' would overwrite its own source; give another folder."
            )
    init_default_scope(config.get("default_scope", "mmaux"))
    stripped = strip_config(config)
    loaded = CheckpointLoader.load_checkpoint(source, map_location="cpu", logger="silent")
    original = _build(config)
    load_main_network(original, weights_of(loaded, source), source=source)
    inputs = read_inputs(config, images=images, num_images=num_images)

    with atomic_write(targets[0], "w") as file:
        file.write(stripped.pretty_text)
    network = _build(stripped)
    network.load_state_dict(
        {k: v for k, v in original.state_dict().items() if not k.startswith(_TRAINING_ONLY)}
    )
    with atomic_write(targets[1]) as file:
        torch.save({"meta": _meta(loaded), "state_dict": network.state_dict()}, file)

    fields = compare_predictions(original, _rebuild(*targets), inputs)
    image = original.data_preprocessor(copy.deepcopy(inputs[0]))["inputs"]
    return RemovalReport(
        config=str(targets[0]),
        checkpoint=str(targets[1]),
        had_auxiliary=original.auxiliary is not None,
        averaged="ema_state_dict" in loaded,
        before=training_complexity(original, image),
        after=inference_complexity(network, image),
        images=tuple(batch["data_samples"][0].img_path for batch in inputs),
        fields=fields,
    )


def _build(config: Config) -> MultiTaskEncoderDecoder:
    model = MODELS.build(config.model)
    if not isinstance(model, MultiTaskEncoderDecoder):
        raise ValueError(
            f"{config.filename or 'config'}: model is a {type(model).__name__}; only "
            "mmaux.MultiTaskEncoderDecoder has auxiliary modules to remove."
        )
    return model.eval()


def _rebuild(config_file: Path, checkpoint_file: Path) -> MultiTaskEncoderDecoder:
    model = _build(Config.fromfile(config_file))
    loaded = CheckpointLoader.load_checkpoint(
        str(checkpoint_file), map_location="cpu", logger="silent"
    )
    model.load_state_dict(loaded["state_dict"], strict=True)
    return model


def _meta(loaded: Mapping[str, Any]) -> dict[str, Any]:
    dataset_meta = (loaded.get("meta") or {}).get("dataset_meta")
    meta: dict[str, Any] = {"mmaux_version": __version__}
    if dataset_meta is not None:
        meta["dataset_meta"] = dataset_meta
    return meta
