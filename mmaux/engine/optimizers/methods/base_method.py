"""What methods have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from torch import Tensor
from torch.optim import Optimizer

if TYPE_CHECKING:
    from mmaux.engine.optimizers.task_step import TaskStep


class BaseMethod(ABC):
    """Turns the losses of T tasks into an update of the parameters.

    A task whose objective is exactly 0 in a batch has no label there, on any process: it takes no
    part in the step.

    Args:
        weights: Fixed weights of the tasks' objectives, 1 for those that are left out. Whatever
            the method does, it does to the weighted objectives.
        seed: Seed of what the method draws; draws depend on it and on the number of the step.
    """

    accumulates: ClassVar[bool] = True
    """Whether gradients may be accumulated over several batches."""

    keeps_whole_graph: bool = True
    """Whether one forward pass has the graph from the shared layers to every task's loss."""

    def __init__(self, *, weights: Mapping[str, float] | None = None, seed: int = 0) -> None:
        self.weights = {t: float(w) for t, w in (weights or {}).items() if t != "_scope_"}
        self.seed = seed

    def bind(self, optimizer: Optimizer) -> None:  # noqa: B027 (few methods need it)
        """Be told the optimizer, once."""

    @abstractmethod
    def update(self, step: TaskStep) -> None:
        """Do an iteration."""

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint has to keep."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:  # noqa: B027 (not all have one)
        """Take back :meth:`state_dict`."""

    def weigh(self, objectives: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Apply the fixed weights.

        Raises:
            ValueError: A weight is given to a task that the model does not have.
        """
        for task in self.weights:
            if task not in objectives:
                near = get_close_matches(task, list(objectives), n=1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise ValueError(
                    f"method.weights names {task!r}; the model's losses belong to "
                    f"{', '.join(objectives)}.{hint}"
                )
        return {
            task: loss * self.weights[task] if task in self.weights else loss
            for task, loss in objectives.items()
        }


def labelled(objectives: Mapping[str, Tensor], values: Tensor) -> dict[str, Tensor]:
    """The objectives of tasks that have labels in the batch.

    Args:
        objectives: By task.
        values: (T,) their values over all processes.
    """
    pairs = zip(objectives.items(), values.tolist(), strict=True)
    return {task: loss for (task, loss), value in pairs if value != 0}
