"""Alternating independent gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.optim import LBFGS, Optimizer

from mmaux.engine.optimizers.per_task_state import PerTaskState, step_by_members
from mmaux.engine.optimizers.reached_parameters import reached_parameters
from mmaux.registry import TASK_OPTIMIZATION

from .base_method import BaseMethod, labelled
from .drawing import generator_of_step

if TYPE_CHECKING:
    from mmaux.engine.optimizers.task_step import TaskStep


@TASK_OPTIMIZATION.register_module()
class Alternation(BaseMethod):
    r"""Steps on the tasks' own objectives in turn, on each batch (Pascal et al., 2109.11678).

    For each batch the tasks are split at random into G groups of nearly equal size, in random
    order. Each group in turn does a fresh forward pass of its own tasks, a backward pass from the
    mean of its members' objectives, and a step of the optimizer. G = T is full alternation, G = 1
    training on the mean.

    A step changes only what its group's objectives reach by gradient, shared or not; momentum and
    weight decay of anything else do not move, nor the running statistics of batch norms that the
    group does not use. Batch norms of shared layers see each batch G times, under the parameters
    of the moment: they forget as after G batches, with momentum m an old value weighs
    :math:`(1 - m)^G` after one.

    The state of the optimizer is one of:

    - ``'shared'``: one state, stepped by every group.
    - ``'per_task'``: each task has its own moments of every parameter that it reaches, so that
      tasks of different gradient scale do not share a second moment. In a group of one this is the
      task's own optimizer. A larger group S steps, under each member's state, along the group's
      gradient, and a parameter changes by the mean of these changes,
      :math:`\theta' = \theta + \frac{1}{|S|} \sum_{t \in S} u_t(g_S)`.
    - ``'pooled'``: as ``'per_task'``, but a larger group steps once under the mean of its members'
      states, and hands all of them the result: :math:`m_S = \frac{1}{|S|} \sum_t m_t`,
      :math:`m_t \leftarrow m_S'`, over the members that reach the parameter. One optimizer step a
      group; members share a history from then on.

    The public abstract leaves open how groups use the states of their tasks; the last two are our
    answers, and equal for groups of one. Memory: T states of what tasks share.

    A task without labels in the batch is skipped: its parameters and its state stay as they are.

    Args:
        groups: G; None: as many as tasks.
        reduction: ``'mean'`` or ``'sum'`` over a group's members (those with labels).
        state: See above.
        weights: See :class:`BaseMethod`.
        seed: See :class:`BaseMethod`.

    Raises:
        ValueError: An argument is out of its range, there are fewer tasks than groups, or the
            optimizer's state does not belong to single parameters. While it trains: with groups of
            several tasks and a state of each, a part of the network recomputes its activations
            (``with_cp=True``), so that what a task reaches is unknown.
    """

    accumulates: ClassVar[bool] = False
    keeps_whole_graph = False

    def __init__(
        self,
        *,
        groups: int | None = None,
        reduction: Literal["mean", "sum"] = "mean",
        state: Literal["shared", "per_task", "pooled"] = "shared",
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(weights=weights, seed=seed)
        if groups is not None and groups < 1:
            raise ValueError(f"method.groups is {groups}; expected 1 or more.")
        if reduction not in ("mean", "sum"):
            raise ValueError(f"method.reduction is 'mean' or 'sum', found {reduction!r}.")
        if state not in ("shared", "per_task", "pooled"):
            raise ValueError(f"method.state is 'shared', 'per_task' or 'pooled', found {state!r}.")
        self.groups = groups
        self.reduction = reduction
        self.state = state
        self._tasks: tuple[str, ...] = ()
        self._states: PerTaskState | None = None

    def bind(self, optimizer: Optimizer) -> None:
        """Take over the optimizer's state."""
        if self.state == "shared":
            return
        if isinstance(optimizer, LBFGS):
            raise ValueError(
                "method.state='per_task' needs an optimizer with a state of each parameter; "
                "LBFGS has one of all together."
            )
        self._states = PerTaskState(optimizer)

    def update(self, step: TaskStep) -> None:
        """A step of each group."""
        first = None
        if not self._tasks:
            first = step.forward()
            self.weigh(first)
            self._tasks = tuple(first)
        step.wrapper._inner_count += 1
        for group in self.split(step.number):
            objectives = step.forward(group) if first is None else first
            first = None
            objectives = self._weigh_group(objectives, group)
            present = labelled(objectives, step.values(objectives))
            if present:
                self._step(step, present)

    def split(self, step: int) -> list[tuple[str, ...]]:
        """The groups of a step, in the order of their turns; members in the model's order.

        Raises:
            ValueError: There are fewer tasks than groups.
        """
        groups = len(self._tasks) if self.groups is None else self.groups
        if groups > len(self._tasks):
            raise ValueError(
                f"method.groups is {groups}, but the model has {len(self._tasks)} tasks "
                f"({', '.join(self._tasks)})."
            )
        order = list(range(len(self._tasks)))
        generator_of_step(self.seed, step).shuffle(order)
        return [
            tuple(self._tasks[index] for index in sorted(order[g::groups])) for g in range(groups)
        ]

    def _weigh_group(
        self, objectives: Mapping[str, Tensor], group: tuple[str, ...]
    ) -> dict[str, Tensor]:
        """A group's weighted objectives."""
        return {
            task: objectives[task] * self.weights[task]
            if task in self.weights
            else objectives[task]
            for task in group
        }

    def state_dict(self) -> dict[str, Any]:
        """The tasks, and their states."""
        return {
            "tasks": self._tasks,
            "states": None if self._states is None else self._states.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take it back.

        Raises:
            ValueError: The checkpoint has states of another kind.
        """
        if (state["states"] is None) != (self._states is None):
            raise ValueError(
                f"method.state is {self.state!r}, but the checkpoint was trained with "
                f"{'one state' if state['states'] is None else 'states of each task'}."
            )
        self._tasks = tuple(state["tasks"])
        if self._states is not None:
            self._states.load_state_dict(state["states"])

    def _check_all_reached(
        self, optimizer: Optimizer, reached: Mapping[str, set[nn.Parameter]]
    ) -> None:
        known = set().union(*reached.values())
        moved = (p for group in optimizer.param_groups for p in group["params"])
        if any(p.grad is not None and p not in known for p in moved):
            raise ValueError(
                f"method.state={self.state!r} with groups of several tasks has to know which "
                "parameters each task reaches, but a part of the network recomputes its "
                "activations and hides its own. Set with_cp=False, or groups=None."
            )

    def _step(self, step: TaskStep, present: Mapping[str, Tensor]) -> None:
        wrapper = step.wrapper
        reached = {}
        if self._states is not None and len(present) > 1:
            reached = {task: reached_parameters(loss) for task, loss in present.items()}
        losses = torch.stack(list(present.values()))
        step.backward(losses.mean() if self.reduction == "mean" else losses.sum())
        if reached:
            self._check_all_reached(wrapper.optimizer, reached)
        if wrapper.prepare_gradients():
            if self._states is None:
                wrapper.optimizer.step()
            elif not reached:
                (task,) = present
                with self._states.of(task):
                    wrapper.optimizer.step()
            elif self.state == "per_task":
                step_by_members(self._states, reached)
            else:
                with self._states.pooled(reached):
                    wrapper.optimizer.step()
        wrapper.conclude()
