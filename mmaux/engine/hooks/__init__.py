"""Hooks."""

from .channels_last_hook import ChannelsLastHook
from .complete_checkpoint_hook import CompleteCheckpointHook
from .task_data_check_hook import TaskDataCheckHook

__all__ = ["ChannelsLastHook", "CompleteCheckpointHook", "TaskDataCheckHook"]
