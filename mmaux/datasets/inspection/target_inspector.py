"""What is counted and judged for one task."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from mmaux.datasets.targets import Target

from .loaded_sample import LoadedSample
from .problem import EMPTY, Problem


class Extreme:
    """The largest share so far, and its file."""

    def __init__(self) -> None:
        self.share = -1.0
        self.file = ""
        self.total = 0.0
        self.count = 0

    def add(self, share: float, file: str) -> None:
        """Take a file's share into account."""
        self.total += share
        self.count += 1
        if share > self.share:
            self.share, self.file = share, file

    def text(self, *, unit: str = "%", scale: float = 100.0) -> str:
        """Mean over files and the worst file."""
        if not self.count:
            return "-"
        mean, worst = self.total / self.count * scale, self.share * scale
        if worst <= 0:
            return f"0{unit}"
        return f"{mean:.1f}{unit} on average, most in {self.file}: {worst:.1f}{unit}"


class TargetInspector(ABC):
    """Collects one task's facts over a split in constant memory and finds problems.

    A new kind of target gets its own with :func:`mmaux.datasets.inspection.register_inspector`;
    otherwise it is treated as plain numbers.

    Args:
        task: The task's name.
        classes: The data set's class names.
    """

    def __init__(self, task: str, classes: Sequence[str] = ()) -> None:
        self.task = task
        self.classes = tuple(classes)

    @abstractmethod
    def add(self, sample: LoadedSample) -> list[Problem]:
        """Count a sample that has the task's array; return what is wrong with it."""

    @abstractmethod
    def rows(self) -> list[tuple[str, str]]:
        """Lines of the report: name and value."""


class ValueInspector(TargetInspector):
    """Range and share of valid pixels of any target."""

    def __init__(self, task: str, classes: Sequence[str] = ()) -> None:
        super().__init__(task, classes)
        self._low, self._high = np.inf, -np.inf
        self._holes = Extreme()

    def add(self, sample: LoadedSample) -> list[Problem]:
        """Count values other than the target's ``fill_value``; none at all is a problem."""
        array, path = sample.arrays[self.task], sample.paths[self.task]
        target: Target = sample.targets[self.task]
        valid = array != target.fill_value
        self._holes.add(1 - float(valid.mean()), path)
        if not valid.any():
            found = f"no valid {self.task} value (all are {target.fill_value:g})"
            return [Problem(path, EMPTY, found, "leave the file out or convert it again.")]
        self._low = min(self._low, float(array[valid].min()))
        self._high = max(self._high, float(array[valid].max()))
        return []

    def rows(self) -> list[tuple[str, str]]:
        """Range and holes."""
        return [
            ("range", f"{self._low:.4g} to {self._high:.4g}"),
            ("invalid pixels", self._holes.text()),
        ]
