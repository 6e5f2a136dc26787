"""Optimizer wrappers that take one loss a task."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import torch
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import Tensor, nn

from mmaux.models.task_weighting import is_loss
from mmaux.registry import OPTIM_WRAPPERS, TASK_OPTIMIZATION

from .gradient_reduction import average_over_processes
from .methods.base_method import BaseMethod
from .task_step import TaskStep, without_synchronization

_STATE = "multi_task"


@OPTIM_WRAPPERS.register_module()
class MultiTaskOptimWrapper(OptimWrapper):
    """mmengine's ``OptimWrapper``, to which a method hands the losses of each task by itself.

    ::

        optim_wrapper = dict(
            type='mmaux.MultiTaskOptimWrapper',
            optimizer=dict(type='mmengine.SGD', lr=0.01, momentum=0.9),
            method=dict(type='mmaux.Alternation', groups=2, state='per_task'))

    mmengine adds losses up before it calls an optimizer wrapper, so it is
    :class:`mmaux.ResumableTrainLoop` that calls :meth:`train_step`. Accumulation, clipping and
    mixed precision keep their arguments and their place: gradients are summed over an accumulation,
    brought to their true scale, combined over the tasks, clipped, applied. Under distributed
    training the gradients of each task are averaged over the processes before they are combined;
    the wrapped model's own synchronisation is not used.

    Args:
        method: How T losses become an update; by default their sum.
        kwargs: Arguments of ``mmengine.OptimWrapper``.

    Raises:
        ValueError: The method cannot be combined with accumulation.
    """

    def __init__(self, *, method: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        method = {"type": "mmaux.Scalarization", "scalarizer": "Sum"} if method is None else method
        self.method: BaseMethod = TASK_OPTIMIZATION.build({**method, "_scope_": "mmaux"})
        self.method.bind(self.optimizer)
        self.number_of_steps = 0
        if self._accumulative_counts > 1 and not self.method.accumulates:
            raise ValueError(
                f"optim_wrapper.accumulative_counts is {self._accumulative_counts}, but "
                f"{type(self.method).__name__} makes several updates of each batch, which a sum "
                "over batches would undo; set it to 1."
            )

    def train_step(self, model: nn.Module, data: Any) -> dict[str, Tensor]:
        """One iteration.

        Args:
            model: The model, wrapped for distributed training or not. Its losses are named by
                task, see :func:`parse_task_losses`.
            data: What the data loader gave.

        Returns:
            Values to log.
        """
        with without_synchronization(model):
            step = TaskStep(self, model, data, number=self.number_of_steps)
            self.method.update(step)
        self.number_of_steps += 1
        losses = [value for name, value in step.logged.items() if is_loss(name)]
        return {"loss": torch.stack(losses).sum(), **step.logged}

    def update_params(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse a sum of losses.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            f"{type(self).__name__} takes the losses of each task, but the train loop has added "
            "them up. Use train_cfg=dict(type='mmaux.ResumableTrainLoop', ...)."
        )

    # What methods use -------------------------------------------------------------------------

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All that the optimizer may change."""
        return [
            p for group in self.optimizer.param_groups for p in group["params"] if p.requires_grad
        ]

    @property
    def gradient_scale(self) -> float:
        """By what :meth:`scaled` multiplies beyond the share in an accumulation."""
        return 1.0

    @contextmanager
    def autocast(self) -> Iterator[None]:
        """Context of forward passes."""
        yield

    def scaled(self, objective: Tensor) -> Tensor:
        """The objective by its share in an accumulation, and by the scale of mixed precision."""
        return self.scale_loss(objective)

    def finish(self) -> bool:
        """Update the parameters if the accumulation is complete.

        Returns:
            Whether they were updated.
        """
        self._inner_count += 1
        if not self.should_update():
            return False
        ready = self.prepare_gradients()
        if ready:
            self.optimizer.step()
        self.conclude()
        return ready

    def prepare_gradients(self) -> bool:
        """Average over the processes, bring to the true scale, clip; False if the step is void."""
        self.average_gradients()
        if self.clip_grad_kwargs:
            self._clip_grad()
        return True

    def average_gradients(self) -> None:
        """Replace the parameters' gradients by their means over the processes."""
        average_over_processes([p.grad for p in self.parameters if p.grad is not None])

    def conclude(self) -> None:
        """End an update: drop the gradients."""
        self.zero_grad()

    # Checkpoints ------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """mmengine's, with the method's."""
        state = super().state_dict()
        state[_STATE] = {"steps": self.number_of_steps, "method": self.method.state_dict()}
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take back :meth:`state_dict`.

        Raises:
            ValueError: The checkpoint was trained with another wrapper.
        """
        if _STATE not in state_dict:
            raise ValueError(
                "the checkpoint has no state of a multi-task method: it was trained with another "
                "optim_wrapper. Start from its weights: load_from instead of resume."
            )
        state = dict(state_dict)
        own = state.pop(_STATE)
        super().load_state_dict(state)
        self.number_of_steps = own["steps"]
        self.method.load_state_dict(own["method"])


@OPTIM_WRAPPERS.register_module()
class MultiTaskAmpOptimWrapper(MultiTaskOptimWrapper, AmpOptimWrapper):
    """:class:`MultiTaskOptimWrapper` with mixed precision.

    Gradients are combined at their true scale. If any of them is not finite, nothing is combined
    and no parameter changes, and the loss scale is halved, as ever.

    Args:
        method: See :class:`MultiTaskOptimWrapper`.
        kwargs: Arguments of ``mmengine.AmpOptimWrapper`` (``loss_scale``, ``dtype``).
    """

    @property
    def gradient_scale(self) -> float:
        """The loss scale."""
        return float(self.loss_scaler.get_scale())

    @contextmanager
    def autocast(self) -> Iterator[None]:
        """Mixed precision."""
        device = self.parameters[0].device.type
        with torch.autocast(device, dtype=self.cast_dtype):
            yield

    def scaled(self, objective: Tensor) -> Tensor:
        """Also by the loss scale."""
        scaled: Tensor = self.loss_scaler.scale(self.scale_loss(objective))
        return scaled

    def prepare_gradients(self) -> bool:
        """Also unscale, and look for values that are not finite."""
        self.average_gradients()
        self.loss_scaler.unscale_(self.optimizer)
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        if not all(bool(torch.isfinite(gradient).all()) for gradient in gradients):
            return False
        if self.clip_grad_kwargs:
            self._clip_grad()
        return True

    def conclude(self) -> None:
        """Also adapt the loss scale."""
        self.loss_scaler.update(self._scale_update_param)
        super().conclude()
