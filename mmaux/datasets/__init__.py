"""Data sets, their targets and transforms."""

from . import samplers, targets, transforms
from .multi_task_dataset import MultiTaskDataset
from .multi_task_folder_dataset import MultiTaskFolderDataset
from .nyuv2 import NYUv2Dataset, NYUv2Dataset13
from .rooms_dataset import RoomsDataset

__all__ = [
    "MultiTaskDataset",
    "MultiTaskFolderDataset",
    "NYUv2Dataset",
    "NYUv2Dataset13",
    "RoomsDataset",
    "samplers",
    "targets",
    "transforms",
]
