"""How much each task's losses weigh."""

from .task_losses import is_loss, sum_by_task, task_of
from .uncertainty_weighting import UncertaintyWeighting, uncertainty_weight

__all__ = ["UncertaintyWeighting", "is_loss", "sum_by_task", "task_of", "uncertainty_weight"]
