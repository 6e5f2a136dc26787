"""The memory layout that convolutions on a CPU are fastest in."""

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmaux.registry import HOOKS


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Before a run, lay the convolutions' weights out with the channels last (NHWC).

    Feature maps then follow by themselves. Shapes, checkpoints and, to rounding, results from the
    same weights stay the same; only the order in memory changes. Initial weights are drawn in that
    order, so a training from scratch starts from others than without the hook.
    """

    def before_run(self, runner: Runner) -> None:
        """Convert the model in place, before a checkpoint is loaded."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        model.to(memory_format=torch.channels_last)
