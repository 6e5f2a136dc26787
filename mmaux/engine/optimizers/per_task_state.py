"""An optimizer with moments of each task."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

State = dict[Tensor, dict[str, Any]]


class PerTaskState:
    """Keeps, for each task, the optimizer's state of every parameter that the task has stepped.

    Works with any optimizer of torch whose state belongs to single parameters (SGD, Adam, AdamW,
    RMSprop, Adagrad, ...). A step under a task's state is the optimizer's own step.

    Args:
        optimizer: The optimizer; its own state is empty between steps.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self._states: dict[str, State] = {}

    @contextmanager
    def of(self, task: str) -> Iterator[None]:
        """Context in which the optimizer has a task's state, and changes it."""
        self.optimizer.state.update(self._states.setdefault(task, {}))
        try:
            yield
        finally:
            self._states[task] = dict(self.optimizer.state)
            self.optimizer.state.clear()

    @contextmanager
    def pooled(self, members: Mapping[str, Iterable[nn.Parameter]]) -> Iterator[None]:
        """Context in which a parameter's state is the mean of those of the tasks that reach it.

        Afterwards each of these tasks has the new state of the parameters that were stepped.

        Args:
            members: By task, the parameters that its objective reaches.
        """
        owners: dict[nn.Parameter, list[State]] = {}
        for task, reached in members.items():
            for p in reached:
                owners.setdefault(p, []).append(self._states.setdefault(task, {}))
        for p, states in owners.items():
            known = [state[p] for state in states if p in state]
            if known:
                self.optimizer.state[p] = _mean_state(known)
        try:
            yield
        finally:
            for p, states in owners.items():
                if p.grad is not None and p in self.optimizer.state:
                    for state in states:
                        state[p] = copy.deepcopy(self.optimizer.state[p])
            self.optimizer.state.clear()

    def state_dict(self) -> dict[str, Any]:
        """The optimizer's ``state`` by task, parameters by their number."""
        result = {}
        for task in self._states:
            with self.of(task):
                result[task] = copy.deepcopy(self.optimizer.state_dict()["state"])
        return result

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take back :meth:`state_dict`; the parameters must be the same."""
        groups = self.optimizer.state_dict()["param_groups"]
        for task, entries in state.items():
            self.optimizer.load_state_dict({"state": entries, "param_groups": groups})
            self._states[task] = dict(self.optimizer.state)
        self.optimizer.state.clear()


def step_by_members(
    states: PerTaskState,
    members: Mapping[str, Iterable[nn.Parameter]],
) -> None:
    r"""A step of a group of tasks along its gradient, each under its own state.

    With u_t the change that the optimizer makes under the state of task t, a parameter changes by
    the mean of u_t over the members whose objectives reach it:

    .. math:: \theta' = \theta + \frac{1}{|S|} \sum_{t \in S} u_t(g_S)

    Each state takes the group's gradient in. Equal states give the change of one to the bit.

    Args:
        states: The states; gradients stand in the parameters.
        members: By task, the parameters that its objective reaches.
    """
    gradients = {p: p.grad for reached in members.values() for p in reached if p.grad is not None}
    count = {p: sum(p in set(reached) for reached in members.values()) for p in gradients}
    before = {p: p.detach().clone() for p in gradients if count[p] > 1}
    first: dict[nn.Parameter, Tensor] = {}
    beyond: dict[nn.Parameter, Tensor] = {}
    for task, reached in members.items():
        mine = [p for p in reached if p in gradients]
        for p in gradients:
            p.grad = None
        for p in mine:
            p.grad = gradients[p]
            if p in first:
                with torch.no_grad():
                    p.copy_(before[p])
        with states.of(task):
            states.optimizer.step()
        for p in mine:
            if count[p] == 1:
                continue
            if p not in first:
                first[p] = p.detach().clone()
                beyond[p] = torch.zeros_like(p)
            else:
                beyond[p] += p.detach() - first[p]
    with torch.no_grad():
        for p, start in first.items():
            p.copy_(start + beyond[p] / count[p])
    for p, gradient in gradients.items():
        p.grad = gradient


def _mean_state(states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Mean of the tensors of several states of a parameter; anything else is the first's."""
    first = states[0]
    mean = {}
    for key, value in first.items():
        if isinstance(value, Tensor) and value.is_floating_point():
            others = [state[key] - value for state in states[1:]]
            mean[key] = value + sum(others, torch.zeros_like(value)) / len(states)
        else:
            mean[key] = copy.deepcopy(value)
    return mean
