"""What a training logged: every scalar over the iterations, across interruptions."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Series:
    """One logged scalar.

    Attributes:
        steps: Iterations, ascending.
        values: The value at each.
    """

    steps: tuple[int, ...]
    values: tuple[float, ...]


def read_scalars(work_dir: str | os.PathLike[str]) -> dict[str, Series]:
    """Every scalar below a Runner's work folder, by name.

    mmengine's ``LocalVisBackend`` starts a new file each time training is resumed; where two have
    the same iteration, the later one counts, because the earlier one's was trained again. A last
    line that a kill cut short is left out.

    Args:
        work_dir: The Runner's work folder, which holds a folder for each start.

    Returns:
        Empty if nothing was logged yet.
    """
    merged: dict[str, dict[int, float]] = {}
    for file in scalar_files(work_dir):
        for record in _records(file):
            step = int(record.get("step", 0))
            for name, value in record.items():
                if name != "step" and isinstance(value, (int, float)):
                    merged.setdefault(name, {})[step] = float(value)
    return {
        name: Series(tuple(sorted(points)), tuple(points[step] for step in sorted(points)))
        for name, points in merged.items()
    }


def last_step(work_dir: str | os.PathLike[str]) -> int:
    """The iteration that the latest start has logged last; 0 if it logged none yet."""
    files = scalar_files(work_dir)
    if not files:
        return 0
    return max((int(record.get("step", 0)) for record in _records(files[-1])), default=0)


def scalar_files(work_dir: str | os.PathLike[str]) -> list[Path]:
    """The logs of all starts, the earliest first: their folders are named by date and time."""
    return sorted(Path(work_dir).glob("*/vis_data/scalars.json"))


def _records(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(record, dict):
            yield record
