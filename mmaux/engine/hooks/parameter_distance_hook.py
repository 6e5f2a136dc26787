"""How far training carries parameters from where they began."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from mmaux.engine.task_gradients import trainable_layers
from mmaux.registry import HOOKS
from mmaux.utils.files import atomic_write

_FILE = "initial_parameters.pth"


@HOOKS.register_module()
class ParameterDistanceHook(Hook):
    r"""Records :math:`\|\theta - \theta_0\| / \|\theta_0\|` of parts of the network.

    Every ``interval`` iterations and after the last one, to every visualizer backend, as
    ``distance/MODULE``. The initial parameters, those of the first start after ``load_from``, are
    kept in the work folder, so that a resumed run goes on with the same.

    Args:
        modules: Names of modules of the network; all trained parameters below one count together.
        interval: Iterations from one record to the next.

    Raises:
        ValueError: ``interval`` is below 1; or, before training, a module is unknown or frozen, or
            a resumed run's work folder lacks the initial parameters.
    """

    def __init__(self, *, modules: Sequence[str] = ("backbone",), interval: int = 50) -> None:
        if interval < 1:
            raise ValueError(f"interval is a number of iterations, 1 or more, got {interval}.")
        self.modules = tuple(modules)
        self.interval = interval
        self._parameters: dict[str, list[nn.Parameter]] = {}
        self._initial: dict[str, Tensor] = {}

    def before_train(self, runner: Runner) -> None:
        """Keep the initial parameters, or find them again."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        self._parameters = trainable_layers(model, self.modules)
        file = Path(runner.work_dir) / _FILE
        if runner.iter == 0:
            self._initial = {n: _flat(p).cpu() for n, p in self._parameters.items()}
            if is_main_process():
                with atomic_write(file) as target:
                    torch.save(self._initial, target)
            return
        if not file.is_file():
            raise ValueError(
                f"ParameterDistanceHook: '{file}' is missing, in which the run that is resumed "
                "kept its initial parameters; resume in its work folder, or leave the hook out."
            )
        self._initial = torch.load(file, map_location="cpu", weights_only=True)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Record the distances if it is time."""
        if not self.every_n_train_iters(runner, self.interval) and not self.is_last_train_iter(
            runner
        ):
            return
        distances = {
            f"distance/{name}": float((_flat(p).cpu() - begun).norm() / begun.norm())
            for (name, p), begun in zip(
                self._parameters.items(), self._initial.values(), strict=True
            )
        }
        runner.visualizer.add_scalars(distances, step=runner.iter + 1)


def _flat(parameters: Sequence[nn.Parameter]) -> Tensor:
    return torch.cat([p.detach().float().flatten() for p in parameters])
