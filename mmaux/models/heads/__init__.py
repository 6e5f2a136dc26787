"""Tasks, one head a file."""

from .base_task_head import BaseTaskHead, TaskKind
from .classification_head import ClassificationHead
from .decoder import build_decoder
from .delivered_map import DELIVERED_MAPS, SCENE, DeliveredMap
from .depth_head import DepthHead
from .normal_head import NormalHead
from .regression_head import RegressionHead
from .scene_head import SceneHead
from .sem_seg_head import SemSegHead

__all__ = [
    "DELIVERED_MAPS",
    "SCENE",
    "BaseTaskHead",
    "ClassificationHead",
    "DeliveredMap",
    "DepthHead",
    "NormalHead",
    "RegressionHead",
    "SceneHead",
    "SemSegHead",
    "TaskKind",
    "build_decoder",
]
