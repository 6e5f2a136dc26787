"""Facts of scenes."""

from collections import Counter
from collections.abc import Sequence

from mmaux.datasets.targets import SceneTarget

from .loaded_sample import LoadedSample
from .problem import Problem
from .target_inspector import TargetInspector


class SceneInspector(TargetInspector):
    """Images of every scene; the target's ``load`` refuses unknown names."""

    def __init__(self, task: str, classes: Sequence[str] = ()) -> None:
        super().__init__(task, classes)
        self._images: Counter[str] = Counter()

    def add(self, sample: LoadedSample) -> list[Problem]:
        """Count the image."""
        target = sample.targets[self.task]
        if not isinstance(target, SceneTarget):
            raise TypeError(f"expected a SceneTarget, found {type(target).__name__}.")
        names = target.scenes
        self._images.update(dict.fromkeys(names, 0))
        self._images[names[int(sample.arrays[self.task].item())]] += 1
        return []

    def rows(self) -> list[tuple[str, str]]:
        """Each scene with its images."""
        total = self._images.total()
        return [
            (name, f"{count} of {total} images ({count / max(total, 1):.1%})")
            for name, count in self._images.items()
        ]
