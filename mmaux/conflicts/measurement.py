"""The tasks' gradients on several batches."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import nn

from mmaux.engine.optimizers.task_losses import parse_task_losses
from mmaux.engine.task_gradients import pairwise_cosines, task_gradients, trainable_layers

from .layer_conflict import LayerConflict


def measure_conflicts(
    model: nn.Module,
    batches: Iterable[Any],
    layers: Sequence[str],
    *,
    advance: Callable[[], None] | None = None,
) -> list[LayerConflict]:
    """Each task's gradient in each layer, batch by batch; no parameter changes.

    The model is used as in training: dropout draws, batch norms normalise by the batch (and their
    running averages move). Objectives are the sums of a task's losses as the model returns them,
    main and auxiliary. A task without labels in a batch takes no part in it.

    Args:
        model: Its losses are named by task.
        batches: As a data loader gives them.
        layers: Names of modules of the model.
        advance: Called after each batch.

    Returns:
        A summary of each layer, in their order.

    Raises:
        ValueError: A layer is unknown or frozen, the model has fewer than two tasks, a gradient is
            not finite, or there is no batch.
    """
    parameters = trainable_layers(model, layers)
    norms: dict[str, dict[str, list[float]]] = {n: defaultdict(list) for n in parameters}
    cosines: dict[str, dict[tuple[str, str], list[float]]] = {
        n: defaultdict(list) for n in parameters
    }
    tasks: list[str] = []
    preprocess: Any = model.data_preprocessor
    _compute_activations_once(model)
    model.train()
    for batch in batches:
        data = preprocess(batch, True)
        objectives = parse_task_losses(model(**data, mode="loss")).objectives
        tasks = list(objectives)
        if len(tasks) < 2:
            raise ValueError(
                f"conflicts are between tasks, but the model's losses belong to one "
                f"({', '.join(tasks)}); give a config with two heads or more."
            )
        for layer, gradients in task_gradients(objectives, parameters).items():
            sizes = gradients.norm(dim=1)
            if not bool(sizes.isfinite().all()):
                norm_of = dict(zip(tasks, sizes.tolist(), strict=True))
                raise ValueError(
                    f"gradients in {layer!r} are not finite (norms {norm_of}); the training that "
                    "wrote the checkpoint has diverged."
                )
            for task, size in zip(tasks, sizes.tolist(), strict=True):
                norms[layer][task].append(size)
            for pair, cosine in pairwise_cosines(gradients, tasks).items():
                cosines[layer][pair].append(cosine)
        if advance is not None:
            advance()
    if not tasks:
        raise ValueError("there is no batch to measure.")
    return [LayerConflict.of(n, norms=norms[n], cosines=cosines[n]) for n in parameters]


def _compute_activations_once(model: nn.Module) -> None:
    """Gradients of named parameters cannot be had through activations that are recomputed."""
    module: Any
    for module in model.modules():
        if getattr(module, "with_cp", False):
            module.with_cp = False
