"""Gradients of a trained network's tasks on its training data."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor, nn

from mmaux.engine.task_gradients import task_gradients, trainable_layers
from mmaux.models.task_weighting import sum_by_task
from mmaux.registry import MODELS
from mmaux.utils.main_network import weights_of

from .layer_conflicts import LayerConflicts, summarize_layer


def measure_conflicts(
    config: Config,
    checkpoint: str,
    *,
    batches: int = 20,
    layers: Sequence[str] | None = None,
    device: str = "cpu",
    on_batch: Callable[[], None] | None = None,
) -> list[LayerConflicts]:
    """Gradients of each task's objective in shared layers, over batches of the training data.

    The network is in training mode, with its auxiliary module if it has one; nothing is trained.

    Args:
        config: A training config.
        checkpoint: Weights of its network, all of them.
        batches: How many batches to look at.
        layers: Names of shared modules; by default :func:`shared_layers`.
        device: Where to compute.
        on_batch: Called after each batch.

    Raises:
        ValueError: The network has one task, the checkpoint does not fit, or a layer is unknown.
    """
    if batches < 1:
        raise ValueError(f"batches is {batches}; expected 1 or more.")
    init_default_scope(config.get("default_scope", "mmaux"))
    model = MODELS.build(config.model)
    heads = getattr(model, "heads", {})
    if len(heads) < 2:
        raise ValueError(
            f"{config.filename or 'the config'} has the tasks {list(heads)}; conflicts need two."
        )
    _load(model, checkpoint)
    model.to(device).train()
    parameters = trainable_layers(model, shared_layers(model) if layers is None else layers)
    loader = Runner.build_dataloader(config.train_dataloader, seed=0)
    torch.manual_seed(0)
    found: dict[str, list[Tensor]] = {name: [] for name in parameters}
    tasks: list[str] = []
    # A loader of an infinite sampler does not end, one of a finite sampler may end early.
    for _, data in zip(range(batches), loader, strict=False):
        losses = sum_by_task(model(**model.data_preprocessor(data, True), mode="loss"))
        tasks = list(losses)
        for name, matrix in task_gradients(losses, parameters).items():
            found[name].append(matrix.cpu())
        if on_batch is not None:
            on_batch()
    return [summarize_layer(name, matrices, tasks) for name, matrices in found.items()]


def shared_layers(model: nn.Module) -> list[str]:
    """The trained stages of a network's backbone, and its neck."""
    backbone: Any = model.backbone
    children = [f"backbone.{name}" for name, child in backbone.named_children() if _learns(child)]
    neck = getattr(model, "neck", None)
    return [*children, *(["neck"] if isinstance(neck, nn.Module) and _learns(neck) else [])]


def _learns(module: nn.Module) -> bool:
    return any(p.requires_grad and p.ndim > 1 for p in module.parameters())


def _load(model: nn.Module, checkpoint: str) -> None:
    try:
        content = CheckpointLoader.load_checkpoint(checkpoint, map_location="cpu", logger="silent")
    except OSError as error:
        raise ValueError(f"checkpoint '{checkpoint}' cannot be read: {error}") from error
    weights = weights_of(content, checkpoint)
    own = model.state_dict()
    missing = [name for name in own if name not in weights]
    unfit = [n for n, value in own.items() if n in weights and weights[n].shape != value.shape]
    if missing or unfit:
        raise ValueError(
            f"checkpoint '{checkpoint}' does not fit the config: {len(missing)} weights are "
            f"missing and {len(unfit)} have other shapes (such as {(missing + unfit)[0]}). Give "
            "the config that it was trained with, and the checkpoint before it was stripped."
        )
    model.load_state_dict(weights, strict=False)
