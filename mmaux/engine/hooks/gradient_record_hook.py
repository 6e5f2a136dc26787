"""How large the tasks' gradients in shared layers are, and whether they agree."""

import logging
import math
from collections.abc import Sequence
from typing import Any, cast

import torch
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn
from torch.utils.hooks import RemovableHandle

from mmaux.engine.task_gradients import gradient_statistics, task_gradients, trainable_layers
from mmaux.models.task_weighting import sum_by_task
from mmaux.registry import HOOKS


@HOOKS.register_module()
class GradientRecordHook(Hook):
    """Records losses and gradients by task, as figure 5 of Liu et al. (1909.02214) shows them.

    Every ``interval`` iterations, to every visualizer backend:

    - ``task_loss/TASK``: its main and auxiliary losses, weighted as they are trained on;
    - ``gradient/LAYER/mean_abs/TASK`` and ``.../total``: mean absolute gradient of the layer's
      parameters, of that task and of the sum of all;
    - ``gradient/LAYER/cosine/TASK-OTHER``: the cosine between two tasks' gradients.

    It takes the losses of training's own forward pass and one more backward pass a task, on these
    iterations only; it draws no random number and writes no ``grad``, so that the trained weights
    are the same to the bit with and without it. Gradients are those of a batch, before clipping
    and accumulation; under distributed training their mean over the processes, under mixed
    precision without the loss scale.

    A backbone that recomputes its activations (``with_cp=True``) would update its batch norms once
    more for each backward pass: nothing is recorded then, and a warning says so.

    Args:
        layers: Names of modules of the network, such as ``backbone.layer4``; all parameters below
            one count together.
        interval: Iterations from one record to the next; 0 records nothing.

    Raises:
        ValueError: ``interval`` is negative; or, before training, a layer is unknown or frozen, or
            the optimisation method cuts the graph or trains some tasks at a time.
    """

    def __init__(self, *, layers: Sequence[str], interval: int = 50) -> None:
        if interval < 0:
            raise ValueError(f"interval is a number of iterations, or 0 for never, got {interval}.")
        self.layers = tuple(layers)
        self.interval = interval
        self._parameters: dict[str, list[nn.Parameter]] = {}
        self._handle: RemovableHandle | None = None
        self._scalars: dict[str, float] = {}
        self._scale = 1.0

    def before_train(self, runner: Runner) -> None:
        """Look up the layers.

        Raises:
            ValueError: The optimisation method never has the graph of all tasks at once.
        """
        method = getattr(runner.optim_wrapper, "method", None)
        if method is not None and not method.keeps_whole_graph:
            raise ValueError(
                f"GradientRecordHook needs one graph from the shared layers to every task's loss, "
                f"which {type(method).__name__} as it is set up here never has; leave the hook out."
            )
        model = _unwrapped(runner.model)
        self._parameters = trainable_layers(model, self.layers)
        recomputing = [n for n, m in model.named_modules() if getattr(m, "with_cp", False)]
        if recomputing:
            self._parameters = {}
            print_log(
                f"GradientRecordHook records nothing: {recomputing[0]} has with_cp=True, and each "
                "further backward pass would update batch norms again. Set with_cp=False.",
                logger="current",
                level=logging.WARNING,
            )

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Listen to the network's next forward pass if it is time."""
        if self._parameters and self.every_n_train_iters(runner, self.interval):
            scaler = getattr(runner.optim_wrapper, "loss_scaler", None)
            self._scale = 1.0 if scaler is None else scaler.get_scale()
            self._handle = _unwrapped(runner.model).register_forward_hook(self._record)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Write what was recorded."""
        if self._handle is None:
            return
        self._handle.remove()
        self._handle = None
        finite = {k: v for k, v in self._scalars.items() if math.isfinite(v)}
        if len(finite) < len(self._scalars):
            print_log(
                f"GradientRecordHook leaves out {len(self._scalars) - len(finite)} values that are "
                f"not finite at iteration {runner.iter + 1}.",
                logger="current",
                level=logging.WARNING,
            )
        runner.visualizer.add_scalars(finite, step=runner.iter + 1)

    def _record(self, model: nn.Module, inputs: Any, outputs: Any) -> None:
        """Between training's forward and backward pass, with the losses' graph still there."""
        if not torch.is_grad_enabled():
            return  # a pass that only looks at losses
        losses = sum_by_task(outputs)
        device = next(iter(losses.values())).device.type
        with torch.autocast(device, enabled=False):
            gradients = task_gradients(losses, self._parameters, scale=self._scale)
        self._scalars = {f"task_loss/{task}": float(loss.detach()) for task, loss in losses.items()}
        for layer, matrix in gradients.items():
            for name, value in gradient_statistics(matrix, list(losses)).items():
                self._scalars[f"gradient/{layer}/{name}"] = value


def _unwrapped(model: nn.Module) -> nn.Module:
    return cast(nn.Module, model.module) if is_model_wrapper(model) else model
