"""Transforms for what mmcv and mmseg lack."""

from .formatting import PackMultiTaskInputs
from .geometric import RandomCrop, RandomFlip, RandomRotate, Resize
from .loading import LoadImageFromFile, LoadTargets

__all__ = [
    "LoadImageFromFile",
    "LoadTargets",
    "PackMultiTaskInputs",
    "RandomCrop",
    "RandomFlip",
    "RandomRotate",
    "Resize",
]
