"""One weighted sum of the losses, whatever the weights come from."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from mmaux.engine.optimizers.hidden_state import full_state, load_full_state, to_cpu
from mmaux.engine.optimizers.torchjd_modules import Spec, build_scalarizer
from mmaux.registry import TASK_OPTIMIZATION

from .base_method import BaseMethod
from .drawing import torch_seeded_for_step

if TYPE_CHECKING:
    from mmaux.engine.optimizers.task_step import TaskStep


@TASK_OPTIMIZATION.register_module()
class Scalarization(BaseMethod):
    """A function of the T losses is minimised; one backward pass.

    The function is one of ``torchjd.scalarization``: ``Sum`` or ``Mean`` (equal weights), ``DWA``
    (Liu et al. 2019), ``Random`` (RLW, Lin et al. 2022), ``GeometricMean`` (GLS, Chennupati et al.
    2019), ``UW`` (Kendall et al. 2018), ``IMTLL`` (Liu et al. 2021), ``FAMO`` (Liu et al. 2023),
    ``STCH`` (Lin et al. 2024), ... Fixed weights are ``weights`` with ``Sum``.

    With S the function and L_k the losses, the gradient is that of ``sum_k w_k L_k`` with ``w_k =
    dS/dL_k`` taken at the losses of all processes together, so that several processes do what one
    would. A task without labels keeps the value that it had last, for S; its gradient is zero.

    ``FAMO`` needs the losses of the batch after the update: one forward pass more, without
    gradients, which batch norms do not count.

    Args:
        scalarizer: Name, or config, of the function.
        learning_rate: Of Adam for what ``UW`` and ``IMTLL`` learn; FAMO has its own ``lr``.
        window: ``DWA`` compares the mean losses of the last two windows of so many iterations.
        weights: See :class:`BaseMethod`.
        seed: See :class:`BaseMethod`.

    Raises:
        ValueError: ``window`` is not positive.
    """

    def __init__(
        self,
        *,
        scalarizer: Spec = "Sum",
        learning_rate: float = 0.025,
        window: int = 100,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(weights=weights, seed=seed)
        if window < 1:
            raise ValueError(f"method.window is a number of iterations, found {window}.")
        self.spec = scalarizer
        self.learning_rate = learning_rate
        self.window = window
        self._scalarizer: Any = None
        self._learner: torch.optim.Optimizer | None = None
        self._tasks: tuple[str, ...] = ()
        self._last_values: Tensor | None = None
        build_scalarizer(scalarizer, count=2)  # unknown names are refused before training

    def update(self, step: TaskStep) -> None:
        """One weighted backward pass."""
        objectives = self.weigh(step.forward())
        if self._scalarizer is None:
            self._build(tuple(objectives))
        values = self._fill(step.values(objectives))
        weights = self._weights(values, step)
        for task, weight in zip(objectives, weights.tolist(), strict=True):
            step.log(f"{task}.task_weight", weight)
        pairs = zip(weights.tolist(), objectives.values(), strict=True)
        step.backward(torch.stack([weight * loss for weight, loss in pairs]).sum())
        if step.wrapper.finish():
            self._learn(step)
        if hasattr(self._scalarizer, "step") and (step.number + 1) % self.window == 0:
            self._scalarizer.step()

    def state_dict(self) -> dict[str, Any]:
        """State of the function and of what learns it."""
        if self._scalarizer is None:
            return {}
        return {
            "tasks": self._tasks,
            "scalarizer": full_state(self._scalarizer),
            "learner": None if self._learner is None else copy.deepcopy(self._learner.state_dict()),
            "last_values": self._last_values,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take it back."""
        if not state:
            return
        self._build(tuple(state["tasks"]))
        if hasattr(self._scalarizer, "update"):  # FAMO makes its optimizer on the first update
            self._scalarizer(torch.ones(len(self._tasks)))
            self._scalarizer.update(torch.ones(len(self._tasks)))
        load_full_state(self._scalarizer, state["scalarizer"])
        if self._learner is not None:
            self._learner.load_state_dict(state["learner"])
        self._last_values = to_cpu(state["last_values"])

    def _build(self, tasks: tuple[str, ...]) -> None:
        self._tasks = tasks
        self._scalarizer = build_scalarizer(self.spec, count=len(tasks))
        learned = list(self._scalarizer.parameters())
        if learned and not hasattr(self._scalarizer, "update"):
            self._learner = torch.optim.Adam(learned, lr=self.learning_rate)

    def _fill(self, values: Tensor) -> Tensor:
        last = torch.ones_like(values) if self._last_values is None else self._last_values
        self._last_values = torch.where(values != 0, values, last)
        return self._last_values.clone()

    def _weights(self, values: Tensor, step: TaskStep) -> Tensor:
        """The derivatives (T,) of the function; those of what it learns are left in ``grad``."""
        values.requires_grad_()
        learned: list[nn.Parameter] = (
            [] if self._learner is None else list(self._scalarizer.parameters())
        )
        with torch.enable_grad(), torch_seeded_for_step(self.seed, step.number):
            total = self._scalarizer(values)
        weights, *gradients = torch.autograd.grad(total, [values, *learned])
        for parameter, gradient in zip(learned, gradients, strict=True):
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        return weights

    def _learn(self, step: TaskStep) -> None:
        if self._learner is not None:
            self._learner.step()
            self._learner.zero_grad()
        if hasattr(self._scalarizer, "update"):
            after = self.weigh(step.values_afterwards())
            self._scalarizer.update(self._fill(step.values(after)))
