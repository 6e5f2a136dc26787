"""GradNorm."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mmaux.engine.optimizers.hidden_state import to_cpu
from mmaux.engine.task_gradients import task_gradients, trainable_layers
from mmaux.registry import TASK_OPTIMIZATION

from .base_method import BaseMethod

if TYPE_CHECKING:
    from mmaux.engine.optimizers.task_step import TaskStep


@TASK_OPTIMIZATION.register_module()
class GradNorm(BaseMethod):
    r"""Learned weights that even out how fast the tasks train (Chen et al., ICML 2018).

    With :math:`G_k = \|\nabla_W w_k L_k\|` the gradient norm of task k in shared layers W,
    :math:`\bar G` their mean, and :math:`r_k = \tilde L_k / \mathrm{mean}(\tilde L)` the relative
    inverse training rate, :math:`\tilde L_k = L_k(t) / L_k(0)`, each step takes one step of Adam on

    .. math:: \sum_k | G_k - \bar G \, r_k^\alpha |

    with respect to the weights only (equation 2; the target is a constant), and scales them to
    sum to T (algorithm 1). The model's gradient is that of :math:`\sum_k w_k L_k`.

    A task without labels keeps its weight, and the others theirs, for that step.

    Args:
        layers: Names of the shared modules W, such as ``['backbone.layer7']``; the paper takes the
            last shared layer.
        alpha: Strength of the pull back; the paper uses 1.5 on NYUv2 and 0.12 on symmetric toys.
        learning_rate: Of Adam for the weights (0.025 in the paper's appendix).
        weights: See :class:`BaseMethod`.
    """

    def __init__(
        self,
        *,
        layers: Sequence[str],
        alpha: float = 1.5,
        learning_rate: float = 0.025,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(weights=weights)
        self.layers = tuple(layers)
        self.alpha = alpha
        self.learning_rate = learning_rate
        self._tasks: tuple[str, ...] = ()
        self._weights = torch.zeros(0)
        self._first: Tensor | None = None
        self._learner: torch.optim.Optimizer | None = None

    def update(self, step: TaskStep) -> None:
        """One backward pass for the model, and one to the shared layers for each task."""
        objectives = self.weigh(step.forward())
        if self._learner is None:
            self._begin(tuple(objectives))
        values = step.values(objectives)
        complete = bool((values != 0).all())
        if complete and self._first is None:
            self._first = values.clone()
        for task, weight in zip(objectives, self._weights.tolist(), strict=True):
            step.log(f"{task}.task_weight", weight)
        norms = self._norms(step, objectives) if complete else None
        pairs = zip(self._weights.tolist(), objectives.values(), strict=True)
        step.backward(torch.stack([weight * loss for weight, loss in pairs]).sum())
        if norms is not None:
            self._pull(norms, values)
        if step.wrapper.finish():
            self._learn()

    def state_dict(self) -> dict[str, Any]:
        """Weights, first losses and Adam's state."""
        if self._learner is None:
            return {}
        return {
            "tasks": self._tasks,
            "weights": self._weights.detach().clone(),
            "gradient": self._weights.grad,
            "first": self._first,
            "learner": copy.deepcopy(self._learner.state_dict()),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take it back."""
        if not state:
            return
        self._begin(tuple(state["tasks"]))
        with torch.no_grad():
            self._weights.copy_(state["weights"])
        self._weights.grad = to_cpu(state["gradient"])
        self._first = to_cpu(state["first"])
        assert self._learner is not None
        self._learner.load_state_dict(state["learner"])

    def _begin(self, tasks: tuple[str, ...]) -> None:
        self._tasks = tasks
        self._weights = torch.ones(len(tasks), requires_grad=True)
        self._learner = torch.optim.Adam([self._weights], lr=self.learning_rate)

    def _norms(self, step: TaskStep, objectives: Mapping[str, Tensor]) -> Tensor:
        """(T,) norms of the unweighted objectives' gradients."""
        layers = trainable_layers(step.network, self.layers)
        gradients = task_gradients(objectives, layers, scale=step.wrapper.gradient_scale)
        rows = torch.cat(list(gradients.values()), dim=1)
        return rows.float().norm(dim=1).cpu()

    def _pull(self, norms: Tensor, values: Tensor) -> None:
        if not bool(torch.isfinite(norms).all()):
            return
        assert self._first is not None
        progress = values / self._first
        rate = progress / progress.mean()
        size = self._weights.abs() * norms
        target = (size.mean() * rate**self.alpha).detach()
        (gradient,) = torch.autograd.grad((size - target).abs().sum(), self._weights)
        before = self._weights.grad
        self._weights.grad = gradient if before is None else before + gradient

    def _learn(self) -> None:
        if self._weights.grad is None or self._learner is None:
            return
        self._learner.step()
        self._learner.zero_grad()
        with torch.no_grad():
            self._weights.clamp_(min=1e-3)
            self._weights.mul_(len(self._weights) / self._weights.sum())
