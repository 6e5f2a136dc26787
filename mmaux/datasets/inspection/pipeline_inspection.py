"""The same checks on what the training pipeline makes of a sample."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from mmengine.structures import BaseDataElement

from mmaux.datasets.targets import Target

from .inspectors import inspector_of
from .loaded_sample import ListedSample, LoadedSample
from .problem import EMPTY, Problem

_MIN_SHARE = 0.02
_MAX_SCALE_ERROR = 0.01
_FIX = (
    "mmaux's Resize, RandomFlip, RandomRotate and RandomCrop change values and camera with the "
    "picture; a transform of your own must call the targets' resized, flipped and rotated."
)


@dataclass
class _Finding:
    found: str
    first: str
    count: int = 1
    fix: str = _FIX


@dataclass
class PipelineInspection:
    """Runs a training pipeline on good samples and collects what is wrong with its output.

    Args:
        name: What problems name: the config file and the split.
    """

    name: str
    num_drawn: int = 0
    _findings: dict[str, _Finding] = field(default_factory=dict)

    def draw(self, sample: ListedSample, missing: Sequence[str] = ()) -> dict[str, Any] | None:
        """Run the pipeline once and check the result.

        Args:
            sample: A sample whose files are good.
            missing: Tasks of which it has no file.

        Returns:
            The packed sample (``inputs`` and ``data_samples``); None if the pipeline failed,
            skipped the sample or does not pack.
        """
        self.num_drawn += 1
        try:
            packed = sample.dataset.pipeline(pipeline_input(sample, missing))
        except Exception as error:  # a transform of the user may fail in any way
            found = f"fails with {type(error).__name__}: {error}"
            self._note(f"{type(error).__name__}", found, sample, fix="")
            return None
        if not isinstance(packed, dict) or "data_samples" not in packed:
            return None
        data_sample = packed["data_samples"]
        if not _depth_follows(data_sample):
            found = (
                f"depth is not divided by the resize factor (scale_factor "
                f"{tuple(data_sample.metainfo['scale_factor'])} but no depth_factor)"
            )
            self._note("depth factor", found, sample)
        loaded = unpack(data_sample, sample.dataset.targets, sample.image_path)
        for task in loaded.arrays:
            inspector = inspector_of(sample.dataset.targets[task])
            for problem in inspector.add(loaded):
                if problem.kind != EMPTY:  # a crop may well have no valid pixel
                    self._note(problem.kind, problem.found, sample)
        return packed

    def problems(self) -> list[Problem]:
        """One problem a kind, if at least a fiftieth of the drawn samples have it."""
        return [
            Problem(
                self.name,
                f"pipeline: {kind}",
                f"{item.found} (in {item.count} of {self.num_drawn} augmented samples, first "
                f"{item.first})",
                item.fix,
            )
            for kind, item in self._findings.items()
            if item.count >= _MIN_SHARE * self.num_drawn
        ]

    def _note(self, kind: str, found: str, sample: ListedSample, *, fix: str = _FIX) -> None:
        if kind in self._findings:
            self._findings[kind].count += 1
        else:
            self._findings[kind] = _Finding(found, sample.image_path, fix=fix)


def pipeline_input(sample: ListedSample, missing: Sequence[str] = ()) -> dict[str, Any]:
    """What the data set hands to its pipeline for this sample, without the ``missing`` tasks."""
    dataset = sample.dataset
    absent = {dataset.targets[task].path_key for task in missing}
    info = {key: value for key, value in sample.info.items() if key not in absent}
    info.setdefault("intrinsics", dataset.intrinsics)
    info = deepcopy(info)
    info.update(
        label_map=dataset.label_map,
        reduce_zero_label=dataset.reduce_zero_label,
        seg_fields=[],
        sample_idx=0,
        targets=dataset.targets,
    )
    return info


def unpack(data_sample: BaseDataElement, targets: Mapping[str, Target], name: str) -> LoadedSample:
    """Arrays of a packed sample, its tensors (C, H, W) turned into (H, W) or (H, W, C)."""
    arrays = {}
    for task, target in targets.items():
        if target.sample_field in data_sample:
            data = np.asarray(torch.as_tensor(data_sample.get(target.sample_field).data))
            arrays[task] = data[0] if len(data) == 1 else data.transpose(1, 2, 0)
    matrix = data_sample.metainfo.get("intrinsics")
    return LoadedSample(
        image=None,
        arrays=arrays,
        paths=dict.fromkeys(arrays, name),
        targets=targets,
        intrinsics=None if matrix is None else np.array(matrix, dtype=np.float64),
    )


def _depth_follows(data_sample: BaseDataElement) -> bool:
    """Whether a resize was told to the depth; true where nothing was resized."""
    meta = data_sample.metainfo
    factor = meta.get("scale_factor")
    if factor is None or "depth_factor" in meta or "gt_depth_map" not in data_sample:
        return True
    return bool(np.abs(np.log(np.sqrt(np.prod(factor)))) < _MAX_SCALE_ERROR)
