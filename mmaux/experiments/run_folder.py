"""What a run's folder says about the run: what it is, where and how long it ran."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmaux.utils.files import atomic_write

from .run_environment import RunEnvironment, current_environment

_SHOWN_DIFFERENCES = 8
_CLOCK_SECONDS = 5.0


class RunFolderError(ValueError):
    """A folder holds another run than the one asked for, or no finished one."""


def claim_folder(folder: Path, run: dict[str, Any]) -> None:
    """Write down what the folder is for, or compare with what is there.

    Args:
        folder: The run's folder.
        run: Everything that makes the run what it is.

    Raises:
        RunFolderError: The folder is another run's; the message lists what differs.
    """
    run = plain_json(run)
    file = folder / "run.json"
    if not file.is_file():
        write_json(file, run)
        return
    found = json.loads(file.read_text(encoding="utf-8"))
    if found == run:
        return
    raise RunFolderError(
        f"'{folder}' holds another run:\n{describe_differences(found, run)}\nGive another folder, "
        "or remove that one to run anew."
    )


def describe_differences(there: Any, asked: Any) -> str:
    """The first values in which two JSON forms differ, a line each."""
    differences = _diff(there, asked)
    lines = [f"  {name}: there {old!r}, asked for {new!r}" for name, old, new in differences]
    more = len(lines) - _SHOWN_DIFFERENCES
    lines[_SHOWN_DIFFERENCES:] = [f"  and {more} more"] if more > 0 else []
    return "\n".join(lines)


def record_environment(folder: Path) -> None:
    """Note where the run goes on, if that is another environment than the last one noted."""
    file = folder / "environments.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    here = plain_json(current_environment().to_dict())
    if not known or known[-1] != here:
        write_json(file, [*known, here])


def read_environments(folder: Path) -> list[RunEnvironment]:
    """All environments in which the run took place, the first one first."""
    content = json.loads((folder / "environments.json").read_text(encoding="utf-8"))
    return [RunEnvironment.from_dict(entry) for entry in content]


class RunClock:
    """Adds up how long a phase of a run takes, over all its starts.

    The time is written down every few seconds, so that a kill loses no more than that.

    Args:
        folder: The run's folder.
        phase: Name of the phase.
    """

    def __init__(self, folder: Path, phase: str) -> None:
        self.file = folder / "clock.json"
        self.phase = phase
        self.seconds = read_clock(folder)
        self.before = self.seconds.get(phase, 0.0)
        self.start = self.written = time.monotonic()

    def tick(self) -> None:
        """Write the time down if it was not for some seconds."""
        if time.monotonic() - self.written > _CLOCK_SECONDS:
            self.stop()

    def stop(self) -> None:
        """Write the time down."""
        self.written = time.monotonic()
        self.seconds[self.phase] = self.before + self.written - self.start
        write_json(self.file, self.seconds)


def read_clock(folder: Path) -> dict[str, float]:
    """Seconds by phase."""
    file = folder / "clock.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file that appears whole or not at all."""
    with atomic_write(path, "w") as file:
        json.dump(content, file, indent=1)


def plain_json(content: Any) -> Any:
    """As it comes back from JSON: tuples are lists, keys are strings."""
    return json.loads(json.dumps(content, default=str))


def _diff(there: Any, here: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(there, dict) and isinstance(here, dict):
        for key in dict.fromkeys([*there, *here]):
            name = f"{path}.{key}" if path else str(key)
            yield from _diff(there.get(key), here.get(key), name)
    elif there != here:
        yield path, there, here
