"""Facts of label maps."""

from collections.abc import Sequence

import numpy as np

from .loaded_sample import LoadedSample
from .problem import Problem
from .target_inspector import Extreme, TargetInspector


class SemSegInspector(TargetInspector):
    """Pixels and files of every class; the target's ``load`` refuses ids out of range."""

    def __init__(self, task: str, classes: Sequence[str] = ()) -> None:
        super().__init__(task, classes)
        self._pixels = np.zeros(256, dtype=np.int64)
        self._files = np.zeros(256, dtype=np.int64)
        self._ignored = Extreme()

    def add(self, sample: LoadedSample) -> list[Problem]:
        """Count; labels that are all ignored are unusual but no problem."""
        labels = sample.arrays[self.task]
        counts = np.bincount(labels.reshape(-1).astype(np.int64), minlength=256)[:256]
        self._pixels += counts
        self._files += counts > 0
        ignore = int(sample.targets[self.task].fill_value)
        self._ignored.add(counts[ignore] / labels.size, sample.paths[self.task])
        return []

    def rows(self) -> list[tuple[str, str]]:
        """Ignored pixels, classes that never occur, and each class."""
        number = len(self.classes)
        total = max(int(self._pixels[:number].sum()), 1)
        never = [name for i, name in enumerate(self.classes) if not self._pixels[i]]
        rows = [
            ("ignored pixels", self._ignored.text()),
            (f"{len(never)} classes never occur", ", ".join(never)),
        ]
        for index, name in enumerate(self.classes):
            if self._pixels[index]:
                share = f"{self._pixels[index] / total:.2%} of labelled pixels"
                files = f"in {self._files[index]} of {self._ignored.count} files"
                rows.append((f"{index} {name}", f"{share}, {files}"))
        return rows
