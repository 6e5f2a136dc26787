"""What a finished run gave."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .run_folder import RunFolderError, write_json

_FILE = "result.json"
_PATHS = ("config", "checkpoint", "trained_config", "trained_checkpoint")


@dataclass(frozen=True)
class RunResult:
    """What a finished run gave.

    Attributes:
        name: Name of the config.
        seed: Seed of the run.
        iterations: Length of the training.
        train_seconds: Duration of the training, all its starts together.
        test_seconds: Duration of the test.
        metrics: Values of the test by metric name, ``{'semseg/mIoU': 41.2, ...}``.
        config: The tested network's config, without its auxiliary module.
        checkpoint: The tested checkpoint.
        trained_config: The config that was trained.
        trained_checkpoint: Checkpoint at the end of training; other runs may start from it.
    """

    name: str
    seed: int
    iterations: int
    train_seconds: float
    test_seconds: float
    metrics: dict[str, float]
    config: Path
    checkpoint: Path
    trained_config: Path
    trained_checkpoint: Path

    def to_dict(self, folder: Path) -> dict[str, Any]:
        """JSON form, in which the files are named relative to the run's folder."""
        paths = {name: str(getattr(self, name).relative_to(folder)) for name in _PATHS}
        return {**vars(self), **paths}

    @classmethod
    def from_dict(cls, content: dict[str, Any], folder: Path) -> "RunResult":
        """From the JSON form."""
        return cls(**{**content, **{name: folder / content[name] for name in _PATHS}})


def is_finished(folder: str | os.PathLike[str]) -> bool:
    """Whether the folder holds a finished run."""
    return (Path(folder) / _FILE).is_file()


def read_result(folder: str | os.PathLike[str]) -> RunResult:
    """The result of a finished run.

    Raises:
        RunFolderError: The run is not finished, or its result cannot be read.
    """
    folder = Path(folder)
    if not is_finished(folder):
        raise RunFolderError(f"'{folder}' holds no finished run (there is no {_FILE} in it).")
    try:
        content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return RunResult.from_dict(content, folder)
    except (ValueError, TypeError, KeyError) as error:
        raise RunFolderError(
            f"'{folder / _FILE}' is no result of a run ({error}); remove it, and the run is "
            "tested again."
        ) from error


def write_result(folder: Path, result: RunResult) -> None:
    """Mark the run as finished."""
    write_json(folder / _FILE, result.to_dict(folder))
