"""Pinhole cameras and surface normals, in NumPy."""

from .camera import (
    crop_intrinsics,
    depth_to_points,
    flip_intrinsics,
    rotate_intrinsics,
    scale_intrinsics,
)
from .normals import normals_from_depth

__all__ = [
    "crop_intrinsics",
    "depth_to_points",
    "flip_intrinsics",
    "normals_from_depth",
    "rotate_intrinsics",
    "scale_intrinsics",
]
