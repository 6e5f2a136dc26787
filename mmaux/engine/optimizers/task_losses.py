"""From what a model returns to one objective a task."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from mmaux.models.task_weighting import sum_by_task


class TaskLosses(NamedTuple):
    """Losses of one forward pass.

    Attributes:
        objectives: A scalar by task, with its graph.
        logged: Every value by its name, without graph.
    """

    objectives: dict[str, Tensor]
    logged: dict[str, Tensor]


def parse_task_losses(losses: Mapping[str, Tensor | list[Tensor]]) -> TaskLosses:
    """Means of named values, and their sums by task.

    A name's part before the first dot is its task, as in ``depth.loss_berhu`` and
    ``depth.aux.loss_berhu``; a list of tensors counts as the sum of their means, as in mmengine.

    Raises:
        TypeError: A value is neither a tensor nor a list of tensors.
        ValueError: No name says that it is a loss.
    """
    means = {}
    for name, value in losses.items():
        if isinstance(value, Tensor):
            means[name] = value.mean()
        elif isinstance(value, list | tuple) and all(isinstance(v, Tensor) for v in value):
            means[name] = sum((v.mean() for v in value[1:]), start=value[0].mean())
        else:
            raise TypeError(
                f"the model's loss {name!r} is a {type(value).__name__}; expected a tensor or a "
                "list of tensors."
            )
    objectives = sum_by_task(means)
    if not objectives:
        raise ValueError(
            f"the model returned no loss (found {', '.join(losses) or 'nothing'}); losses have "
            "'loss' in their names, and their task before the first dot: depth.loss_berhu."
        )
    logged = {name: mean.detach() for name, mean in means.items()}
    return TaskLosses(objectives, logged)
