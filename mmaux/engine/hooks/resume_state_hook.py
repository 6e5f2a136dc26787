"""What mmengine leaves out of a checkpoint and an exact resume needs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

_POSITION = "data_position"
_GRADIENTS = "accumulated_gradients"


@dataclass(frozen=True)
class DataPosition:
    """Where training stands in its data.

    Attributes:
        samples: Samples drawn so far by all ranks together.
        batch_of_all: Samples of an iteration of all ranks together.
        dataset_size: Samples of the data set.
    """

    samples: int
    batch_of_all: int
    dataset_size: int


class ResumeStateHook(Hook):
    """Keeps the place in the data, and gradients of an unfinished accumulation.

    :class:`mmaux.engine.loops.ResumableTrainLoop` registers it.

    Args:
        position: Gives the place in the data after a number of iterations.
    """

    def __init__(self, position: Callable[[int], DataPosition]) -> None:
        self._position = position
        self.loaded: DataPosition | None = None

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Add both to the checkpoint."""
        checkpoint[_POSITION] = asdict(self._position(checkpoint["meta"]["iter"]))
        # A full accumulation ends in zero_grad, so what is there belongs to an unfinished one.
        gradients = {
            name: parameter.grad.detach().cpu()
            for name, parameter in _model_of(runner).named_parameters()
            if parameter.grad is not None
        }
        if gradients and "optimizer" in checkpoint:
            checkpoint[_GRADIENTS] = gradients

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Take both back when a run is resumed (not when it starts from a checkpoint's weights)."""
        if not runner._resume:
            return
        if _POSITION in checkpoint:
            self.loaded = DataPosition(**checkpoint[_POSITION])
        parameters = dict(_model_of(runner).named_parameters())
        for name, gradient in checkpoint.get(_GRADIENTS, {}).items():
            if name in parameters:
                parameters[name].grad = gradient.to(parameters[name], copy=True)


def _model_of(runner: Runner) -> nn.Module:
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
