"""Hooks."""

from .atomic_checkpoint_hook import AtomicCheckpointHook
from .complete_checkpoint_hook import CompleteCheckpointHook
from .resume_state_hook import DataPosition, ResumeStateHook
from .task_data_check_hook import TaskDataCheckHook

__all__ = [
    "AtomicCheckpointHook",
    "CompleteCheckpointHook",
    "DataPosition",
    "ResumeStateHook",
    "TaskDataCheckHook",
]
