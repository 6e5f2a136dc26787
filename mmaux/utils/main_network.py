"""Loading the part of a network that predicts."""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.runner.checkpoint import CheckpointLoader
from torch import nn

from mmaux.utils.checkpoint_report import CheckpointReport, compare_state_dict

_TRAINING_ONLY = ("auxiliary.", "task_weighting.", "auxiliary_head.")


def read_checkpoint(source: str) -> Any:
    """What a checkpoint file holds, on the CPU.

    Raises:
        ValueError: It cannot be read.
    """
    try:
        return CheckpointLoader.load_checkpoint(source, map_location="cpu", logger="silent")
    except OSError as error:
        raise ValueError(f"checkpoint '{source}' cannot be read: {error}") from error


def weights_of(loaded: Any, source: str) -> dict[str, Any]:
    """The state dict in what a checkpoint file holds.

    Args:
        loaded: A Runner's checkpoint or a bare state dict.
        source: What the message shall name.

    Raises:
        ValueError: It holds no weights.
    """
    state = loaded.get("state_dict", loaded) if isinstance(loaded, Mapping) else None
    if not isinstance(state, Mapping) or not any(
        isinstance(v, torch.Tensor) for v in state.values()
    ):
        raise ValueError(
            f"checkpoint '{source}' holds no weights, neither at its top level nor under "
            "'state_dict'; give a checkpoint that tools/train.py wrote."
        )
    if all(key.startswith("module.") for key in state):
        return {key.removeprefix("module."): value for key, value in state.items()}
    return dict(state)


def load_main_network(model: nn.Module, state: dict[str, Any], *, source: str) -> None:
    """Load weights, or say by module what of the main network does not fit.

    Auxiliary modules and task weightings (mmaux) and auxiliary heads (mmseg) take no part in
    prediction and may differ.

    Args:
        model: Loaded in place.
        state: See :func:`weights_of`.
        source: What the message shall name.

    Raises:
        ValueError: A parameter is missing, unknown or of another shape.
    """
    report = compare_state_dict(model, state)
    main = CheckpointReport(
        tuple(key for key in report.keys if not key.key.startswith(_TRAINING_ONLY))
    )
    if not main.complete or main.unexpected:
        raise ValueError(
            f"checkpoint '{source}' is not of this config's network:\n{main.summary()}\n"
            "Give the config that it was trained with."
        )
    extra = {
        key.key
        for key in report.keys
        if key.key.startswith(_TRAINING_ONLY) and key.model != key.checkpoint
    }
    model.load_state_dict({k: v for k, v in state.items() if k not in extra}, strict=False)
