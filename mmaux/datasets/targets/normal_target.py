"""Surface normals."""

from typing import Any

import cv2
import numpy as np
import torch

from mmaux.datasets.image_file import read_array_file, read_image_file
from mmaux.registry import TASK_UTILS

from .base_target import DenseTarget

_MIN_LENGTH = 0.5
_TOLERANCE = 0.5

MIRROR_SIGNS = {"horizontal": (-1, 1, 1), "vertical": (1, -1, 1), "diagonal": (-1, -1, 1)}
"""What a flip of the picture does to the components of a vector in camera axes."""


def unit_or_zero(normals: np.ndarray) -> np.ndarray:
    """Vectors (..., 3) scaled to length one; what is shorter than a half becomes zero."""
    length = np.sqrt(np.einsum("...c,...c->...", normals, normals))[..., None]
    return np.where(length > _MIN_LENGTH, normals / np.maximum(length, _MIN_LENGTH), 0.0).astype(
        np.float32
    )


def decode_normals(codes: np.ndarray) -> np.ndarray:
    """Unit normals from a picture of them.

    Args:
        codes: (H, W, 3) in the order x, y, z; uint8 (``round((n + 1) * 127.5)``, within 0.4
            degrees) or uint16 (``round((n + 1) * 32767.5)``). Black marks invalid pixels: grey is
            not the zero vector, and (-1, -1, -1) is no unit vector.

    Returns:
        float32 (H, W, 3), unit length, or zero where invalid.
    """
    if codes.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"normals are coded in uint8 or uint16, found {codes.dtype}.")
    step = np.float32(1 / 127.5 if codes.dtype == np.uint8 else 1 / 32767.5)
    # Plane by plane, in place: three times as fast as arithmetic on vectors of three.
    axes = [np.multiply(plane, step, dtype=np.float32) for plane in cv2.split(codes)]
    for axis in axes:
        axis -= 1
    square, term = np.square(axes[0]), np.square(axes[1])
    square += term
    square += np.square(axes[2], out=term)
    # Black has length sqrt(3), grey 0; a coded unit vector is within a hundredth of 1.
    invalid = np.abs(np.subtract(square, 1, out=term), out=term) > _TOLERANCE
    length = np.sqrt(square, out=square)
    length[invalid] = np.inf
    for axis in axes:
        axis /= length
    return cv2.merge(axes)


@TASK_UTILS.register_module()
class NormalTarget(DenseTarget):
    """Unit surface normals in camera axes: x right, y down, z away from the camera.

    A wall that faces the camera has (0, 0, -1). Invalid pixels are the zero vector.

    Args:
        folder: Folder of the normal files: 3-channel PNG (see :func:`decode_normals`) or ``.npy``
            (H, W, 3).
    """

    task = "normal"
    path_key = "normal_map_path"
    result_key = "gt_normal_map"
    sample_field = "gt_normal_map"
    default_folder = "normal"
    fill_value = 0.0
    suffixes = (".png", ".npy")

    def load(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """Read normals (H, W, 3), float32, unit length or zero.

        Raises:
            ValueError: Not three channels, or NaN.
        """
        if path.endswith(".npy"):
            array = read_array_file(path, backend_args=backend_args)
        else:
            array = read_image_file(path, flag="unchanged", backend_args=backend_args)
        if array.ndim != 3 or array.shape[2] != 3:
            raise ValueError(f"{path}: normals are (H, W, 3), found shape {array.shape}.")
        if array.dtype == np.float32:
            if not np.isfinite(array).all():
                raise ValueError(f"{path}: NaN in the normals; write the zero vector instead.")
            return unit_or_zero(array)
        return decode_normals(cv2.cvtColor(array, cv2.COLOR_BGR2RGB))

    def flipped(self, array: np.ndarray, direction: str) -> np.ndarray:
        """Mirror the vectors with the picture."""
        return array * np.array(MIRROR_SIGNS[direction], dtype=np.float32)

    def rotated(self, array: np.ndarray, degrees: float) -> np.ndarray:
        """Turn the vectors about the optical axis, clockwise in the picture (y points down)."""
        angle = np.deg2rad(degrees)
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        x, y, z = array[..., 0], array[..., 1], array[..., 2]
        return np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=-1)

    def to_tensor(self, array: np.ndarray) -> torch.Tensor:
        """Normals (3, H, W) float32."""
        return torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1), dtype=np.float32))
