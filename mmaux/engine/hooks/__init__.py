"""Hooks."""

from .complete_checkpoint_hook import CompleteCheckpointHook
from .task_data_check_hook import TaskDataCheckHook

__all__ = ["CompleteCheckpointHook", "TaskDataCheckHook"]
