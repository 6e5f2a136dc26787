"""From named losses to one loss a task."""

from collections.abc import Mapping

from torch import Tensor


def task_of(name: str) -> str:
    """The task whose objective a value named ``task.loss_x`` or ``task.aux.loss_x`` belongs to."""
    return name.partition(".")[0]


def is_loss(name: str) -> bool:
    """Whether a value is trained on; others are only logged. The rule is mmengine's."""
    return "loss" in name


def sum_by_task(losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Each task's objective: the sum of its main and auxiliary losses.

    Args:
        losses: What the segmentor's ``loss`` returns.

    Returns:
        A scalar by task, in the order of the names.
    """
    sums: dict[str, Tensor] = {}
    for name, value in losses.items():
        if is_loss(name):
            task = task_of(name)
            sums[task] = sums[task] + value if task in sums else value
    return sums
