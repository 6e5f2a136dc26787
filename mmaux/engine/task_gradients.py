"""What each task asks of shared layers."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import combinations

import torch
from mmengine.dist import all_reduce
from torch import Tensor, nn


def trainable_layers(model: nn.Module, names: Sequence[str]) -> dict[str, list[nn.Parameter]]:
    """The trainable parameters of modules of a network, by the modules' names.

    Raises:
        ValueError: The network has no such module, or nothing of it is trained.
    """
    modules = dict(model.named_modules())
    layers = {}
    for name in names:
        if name not in modules:
            near = ", ".join(_near(name, list(modules)))
            raise ValueError(f"layers: the model has no module {name!r}; there are {near}.")
        layers[name] = [p for p in modules[name].parameters() if p.requires_grad]
        if not layers[name]:
            raise ValueError(
                f"layers: {name!r} ({type(modules[name]).__name__}) has no trainable parameter; "
                "name a layer that is trained."
            )
    return layers


def task_gradients(
    losses: Mapping[str, Tensor],
    layers: Mapping[str, Sequence[nn.Parameter]],
    *,
    scale: float = 1.0,
) -> dict[str, Tensor]:
    """Each task's gradient in each layer, by one backward pass a task.

    The graph is kept and no ``grad`` is written, so that training goes on as if nothing had
    happened. Under distributed training gradients are averaged over the processes.

    Args:
        losses: T scalars by task.
        layers: Parameters by layer.
        scale: Losses are multiplied by it and gradients divided, as in mixed precision.

    Returns:
        By layer, (T, P): a row for each task, 0 for what its loss does not depend on.
    """
    parameters = [p for layer in layers.values() for p in layer]
    sizes = [sum(p.numel() for p in layer) for layer in layers.values()]
    rows = []
    for loss in losses.values():
        gradients = torch.autograd.grad(
            loss * scale, parameters, retain_graph=True, materialize_grads=True
        )
        rows.append(torch.cat([g.flatten() for g in gradients]) / scale)
    matrix = torch.stack(rows)
    all_reduce(matrix, op="mean")
    return dict(zip(layers, matrix.split(sizes, dim=1), strict=True))


def gradient_statistics(gradients: Tensor, tasks: Sequence[str]) -> dict[str, float]:
    """Size and agreement of the tasks' gradients in a layer.

    Args:
        gradients: (T, P), as :func:`task_gradients` gives them.
        tasks: Names of the T tasks.

    Returns:
        ``mean_abs/TASK`` and ``mean_abs/total``, of the sum of all tasks;
        ``cosine/TASK-OTHER`` for each pair, left out where a gradient is zero: it has no direction.
    """
    sizes = torch.cat([gradients, gradients.sum(dim=0, keepdim=True)]).abs().mean(dim=1)
    result = dict(zip([f"mean_abs/{t}" for t in (*tasks, "total")], sizes.tolist(), strict=True))
    for (first, second), cosine in pairwise_cosines(gradients, tasks).items():
        result[f"cosine/{first}-{second}"] = cosine
    return result


def pairwise_cosines(gradients: Tensor, tasks: Sequence[str]) -> dict[tuple[str, str], float]:
    """Cosines between the tasks' gradients in a layer.

    Args:
        gradients: (T, P).
        tasks: Names of the T tasks.

    Returns:
        By pair of tasks; pairs with a gradient of zero, which has no direction, are left out.
    """
    products = (gradients @ gradients.T).tolist()
    result = {}
    for i, j in combinations(range(len(tasks)), 2):
        norm = (products[i][i] * products[j][j]) ** 0.5
        if norm:
            result[tasks[i], tasks[j]] = products[i][j] / norm
    return result


def _near(name: str, known: Sequence[str]) -> list[str]:
    """Names close to one that is unknown; failing that, the outermost."""
    return get_close_matches(name, known, n=5) or [k for k in known if k and "." not in k]
