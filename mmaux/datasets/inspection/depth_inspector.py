"""Facts and problems of depth maps."""

from collections.abc import Sequence

import numpy as np

from mmaux.datasets.image_file import read_image_file
from mmaux.datasets.targets import DepthTarget

from .loaded_sample import LoadedSample
from .problem import EMPTY, Problem
from .target_inspector import Extreme, TargetInspector

_PLAUSIBLE_MEDIAN = (0.05, 50.0)
_USUAL = (0.1, 20.0)
_TYPICAL = 2.5
_NEAREST_END, _ROUNDING = 1.0, 1e-4
_BINS_PER_DECADE, _FIRST_DECADE, _NUM_DECADES = 2000, -4, 9


class DepthInspector(TargetInspector):
    """Range, median, holes and scale of depth in metres; 0 = invalid.

    The median over all files comes from a histogram with bins of 0.12%.
    """

    def __init__(self, task: str, classes: Sequence[str] = ()) -> None:
        super().__init__(task, classes)
        self._low, self._high = np.inf, 0.0
        self._histogram = np.zeros(_NUM_DECADES * _BINS_PER_DECADE, dtype=np.int64)
        self._holes, self._unusual = Extreme(), Extreme()

    def add(self, sample: LoadedSample) -> list[Problem]:
        """Count.

        A median outside 0.05 to 50 m, 8 bits that end below 1 m at the data set's scale, and a map
        without any depth are problems.
        """
        depth, path = sample.arrays[self.task], sample.paths[self.task]
        values = depth[depth > 0]
        self._holes.add(1 - values.size / depth.size, path)
        if not values.size:
            found = "no valid depth (all pixels are 0)"
            return [Problem(path, EMPTY, found, "leave the file out or convert it again.")]
        self._low, self._high = min(self._low, values.min()), max(self._high, values.max())
        bins = ((np.log10(values) - _FIRST_DECADE) * _BINS_PER_DECADE).astype(np.int64)
        bins = np.clip(bins, 0, len(self._histogram) - 1)
        self._histogram += np.bincount(bins, minlength=len(self._histogram))
        self._unusual.add(float(((values < _USUAL[0]) | (values > _USUAL[1])).mean()), path)
        if (problem := _bits_problem(sample, self.task)) is not None:
            return [problem]
        median = float(np.median(values))
        if _PLAUSIBLE_MEDIAN[0] <= median <= _PLAUSIBLE_MEDIAN[1]:
            return []
        return [_scale_problem(path, median, sample.targets[self.task])]

    def rows(self) -> list[tuple[str, str]]:
        """Range, holes and unusual depths."""
        total = self._histogram.sum()
        if not total:
            return [("holes", self._holes.text())]
        middle = int(np.searchsorted(np.cumsum(self._histogram), total / 2))
        median = 10 ** ((middle + 0.5) / _BINS_PER_DECADE + _FIRST_DECADE)
        return [
            ("min / median / max", f"{self._low:.3f} / {median:.3g} / {self._high:.3f} m"),
            ("holes", self._holes.text()),
            (f"outside {_USUAL[0]:g} to {_USUAL[1]:g} m", self._unusual.text()),
        ]


def _bits_problem(sample: LoadedSample, task: str) -> Problem | None:
    """8 bits serve at a scale made for them, such as 25.5 units per metre for 10 m."""
    path, target = sample.paths[task], sample.targets[task]
    if path.endswith(".npy") or not isinstance(target, DepthTarget):
        return None
    scale = target.scale or 1000.0
    end = 255 / scale
    if end >= _NEAREST_END or sample.arrays[task].max() > end + _ROUNDING:
        return None
    if read_image_file(path, flag="unchanged", backend_args=sample.backend_args).dtype != np.uint8:
        return None
    found = (
        f"depth in 8 bits, expected 16: at {scale:g} units per metre no depth beyond {end:.3g} m "
        "fits"
    )
    fix = "write 16-bit PNG, or set the depth_scale of these 8 bits (25.5 for 10 m)."
    return Problem(path, "depth bits", found, fix)


def _scale_problem(path: str, median: float, target: object) -> Problem:
    low, high = _PLAUSIBLE_MEDIAN
    factor = 10.0 ** round(np.log10(median / _TYPICAL))
    found = (
        f"wrong depth scale? The median is {median:.4g} m, expected {low:g} to {high:g} m; "
        f"divided by {factor:g} it would be {median / factor:.3g} m"
    )
    if path.endswith(".npy") or not isinstance(target, DepthTarget):
        fix = "write metres."
    else:
        scale = (target.scale or 1000.0) * factor
        fix = (
            "set depth_scale in meta.json or targets=dict(depth=dict(scale=...)) to the units per "
            f"metre, {scale:g}?"
        )
    return Problem(path, "depth scale", found, fix)
