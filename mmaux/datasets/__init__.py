"""Data sets, their targets and transforms."""

from . import samplers, targets, transforms
from .multi_task_dataset import MultiTaskDataset
from .multi_task_folder_dataset import MultiTaskFolderDataset
from .nyuv2 import NYUv2Dataset, NYUv2Dataset13
from .nyuv2_expansion import NYUv2ExpansionDataset
from .rooms_dataset import RoomsDataset
from .sunrgbd import SUNRGBDDataset, SUNRGBDDataset13

__all__ = [
    "MultiTaskDataset",
    "MultiTaskFolderDataset",
    "NYUv2Dataset",
    "NYUv2Dataset13",
    "NYUv2ExpansionDataset",
    "RoomsDataset",
    "SUNRGBDDataset",
    "SUNRGBDDataset13",
    "samplers",
    "targets",
    "transforms",
]
