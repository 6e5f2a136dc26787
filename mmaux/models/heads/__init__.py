"""Tasks, one head a file."""

from .base_task_head import BaseTaskHead, TaskKind
from .decoder import build_decoder
from .delivered_map import DELIVERED_MAPS, DeliveredMap
from .depth_head import DepthHead
from .normal_head import NormalHead
from .regression_head import RegressionHead
from .sem_seg_head import SemSegHead

__all__ = [
    "DELIVERED_MAPS",
    "BaseTaskHead",
    "DeliveredMap",
    "DepthHead",
    "NormalHead",
    "RegressionHead",
    "SemSegHead",
    "TaskKind",
    "build_decoder",
]
