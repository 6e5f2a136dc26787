"""Transforms of mmcv and mmseg that would leave targets behind."""

from collections.abc import Iterable, Iterator
from typing import Any

from mmcv import transforms as mmcv_transforms
from mmcv.transforms import BaseTransform
from mmseg.datasets import transforms as mmseg_transforms

from mmaux.datasets.targets import DenseTarget, SemSegTarget, Target

from .formatting import PackMultiTaskInputs
from .geometric import RandomFlip, RandomRotate, Resize
from .loading import LoadTargets

_OWN = (LoadTargets, PackMultiTaskInputs, RandomFlip, RandomRotate, Resize)
# What to write instead of each.
_FOREIGN: dict[type, str] = {
    mmcv_transforms.LoadAnnotations: "mmaux.LoadTargets",
    mmcv_transforms.Resize: "mmaux.Resize",
    mmcv_transforms.RandomFlip: "mmaux.RandomFlip",
    mmcv_transforms.CenterCrop: "mmaux.RandomCrop",
    mmseg_transforms.RandomRotate: "mmaux.RandomRotate",
    mmseg_transforms.RandomRotFlip: "mmaux.RandomRotate",
    mmseg_transforms.RandomMosaic: "mmaux.RandomCrop",
    mmseg_transforms.ResizeToMultiple: "mmaux.Resize",
    mmseg_transforms.ResizeShortestEdge: "mmaux.Resize",
    mmseg_transforms.Albu: "mmaux.RandomFlip",
    mmseg_transforms.PackSegInputs: "mmaux.PackMultiTaskInputs",
}


def refuse_foreign_transforms(transforms: Iterable[Any], targets: Iterable[Target]) -> None:
    """Refuse a pipeline that would load, move or pack labels alone.

    mmcv's transforms move the labels at most. mmseg's move every map, but do not divide depth by
    the factor by which the image grows, nor mirror and turn normals. For labels alone they are
    right.

    Args:
        transforms: Of a data set's pipeline.
        targets: What the data set loads.

    Raises:
        ValueError: There is such a transform, in the pipeline or in one of its transforms
            (``RandomResize``); the message says what to write instead.
    """
    others = [
        target.task
        for target in targets
        if isinstance(target, DenseTarget) and not isinstance(target, SemSegTarget)
    ]
    if not others:
        return
    for transform, holder in _with_held(transforms, None):
        for kind, instead in _FOREIGN.items():
            if isinstance(transform, kind) and not _adapts(transform):
                name = f"{type(transform).__module__.partition('.')[0]}.{type(transform).__name__}"
                place = name if holder is None else f"{name} in {type(holder).__name__}"
                argument = "type" if holder is None else "resize_type"
                raise ValueError(
                    f"pipeline: {place} is for labels and leaves {', '.join(others)} as they "
                    f"are, or out; write {argument}='{instead}'."
                )


def _adapts(transform: Any) -> bool:
    """Whether it is one of mmaux's, or albumentations that change colours only."""
    if isinstance(transform, mmseg_transforms.Albu):
        from albumentations import ImageOnlyTransform

        return all(isinstance(step, ImageOnlyTransform) for step in transform.aug.transforms)
    return isinstance(transform, _OWN)


def _with_held(transforms: Iterable[Any], holder: Any) -> Iterator[tuple[Any, Any]]:
    """Transforms with those that they hold, each with the one that resizes by it."""
    for transform in transforms:
        yield transform, holder
        held = getattr(transform, "transforms", ())
        yield from _with_held(held if isinstance(held, Iterable) else (), None)
        resize = getattr(transform, "resize", None)
        if isinstance(resize, BaseTransform):
            yield from _with_held([resize], transform)
