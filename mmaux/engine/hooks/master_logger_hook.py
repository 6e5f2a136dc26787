"""Logging whose result file one process writes."""

from typing import Any

from mmengine.dist import master_only
from mmengine.hooks import LoggerHook
from mmengine.runner import Runner

from mmaux.registry import HOOKS


@HOOKS.register_module()
class MasterLoggerHook(LoggerHook):
    """mmengine's ``LoggerHook``, safe under several processes.

    mmengine 0.10.7 lets every process write the results of a test to the same file, in which the
    text of two then mixes. Here the first process alone writes it.
    """

    @master_only
    def after_test_epoch(self, runner: Runner, metrics: dict[str, Any] | None = None) -> None:
        """Log the results and write them as JSON."""
        super().after_test_epoch(runner, metrics)
