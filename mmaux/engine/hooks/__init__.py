"""Hooks."""

from .atomic_checkpoint_hook import AtomicCheckpointHook
from .channels_last_hook import ChannelsLastHook
from .complete_checkpoint_hook import CompleteCheckpointHook
from .gradient_record_hook import GradientRecordHook
from .master_logger_hook import MasterLoggerHook
from .parameter_distance_hook import ParameterDistanceHook
from .resume_state_hook import DataPosition, ResumeStateHook
from .task_data_check_hook import TaskDataCheckHook

__all__ = [
    "AtomicCheckpointHook",
    "ChannelsLastHook",
    "CompleteCheckpointHook",
    "DataPosition",
    "GradientRecordHook",
    "MasterLoggerHook",
    "ParameterDistanceHook",
    "ResumeStateHook",
    "TaskDataCheckHook",
]
