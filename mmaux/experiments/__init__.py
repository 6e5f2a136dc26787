"""Runs that are recorded and repeatable, and comparisons of them."""

from .scalars import Series, read_scalars
from .training_run import (
    RunFailedError,
    RunFolderError,
    RunProgress,
    RunResult,
    is_finished,
    read_result,
    run_training,
)

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
