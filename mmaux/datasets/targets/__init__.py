"""Kinds of ground truth, one a file."""

from .base_target import DenseTarget, Target
from .build import TargetsSpec, build_targets, known_targets
from .depth_target import DepthTarget, decode_sunrgbd_depth
from .normal_target import MIRROR_SIGNS, NormalTarget, decode_normals
from .scene_target import SceneTarget
from .sem_seg_target import SemSegTarget

__all__ = [
    "MIRROR_SIGNS",
    "DenseTarget",
    "DepthTarget",
    "NormalTarget",
    "SceneTarget",
    "SemSegTarget",
    "Target",
    "TargetsSpec",
    "build_targets",
    "decode_normals",
    "decode_sunrgbd_depth",
    "known_targets",
]
