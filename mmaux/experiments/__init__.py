"""Runs that are recorded and repeatable, and comparisons of them."""

from .run_folder import RunFolderError
from .run_result import RunResult, is_finished, read_result
from .scalars import Series, read_scalars
from .tool_process import RunFailedError
from .training_run import RunProgress, run_training

__all__ = [
    "RunFailedError",
    "RunFolderError",
    "RunProgress",
    "RunResult",
    "Series",
    "is_finished",
    "read_result",
    "read_scalars",
    "run_training",
]
