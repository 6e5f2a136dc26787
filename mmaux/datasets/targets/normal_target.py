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
_MAX_COMPONENT = 1.5

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
    return cv2.merge(list(_decode_planes(codes)))


def _decode_planes(codes: np.ndarray) -> np.ndarray:
    """:func:`decode_normals` with the components first, (3, H, W).

    Arithmetic on whole planes, in place, is three times as fast as on vectors of three. Twice a
    code minus the largest is an integer that float32 holds, so that the codes of n and -n decode
    to exactly opposite vectors.
    """
    if codes.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"normals are coded in uint8 or uint16, found {codes.dtype}.")
    largest = np.float32(np.iinfo(codes.dtype).max)
    planes = np.empty((3, *codes.shape[:2]), dtype=np.float32)
    for plane, channel in zip(planes, cv2.split(np.ascontiguousarray(codes)), strict=True):
        np.multiply(channel, np.float32(2), out=plane)
    planes -= largest
    square, term = np.square(planes[0]), np.square(planes[1])
    square += term
    square += np.square(planes[2], out=term)
    # In units of the largest code black has length sqrt(3) and grey 0; a coded unit vector is
    # within a hundredth of 1.
    unit = largest * largest
    np.abs(np.subtract(square, unit, out=term), out=term)
    length = np.sqrt(square, out=square)
    length[term > _TOLERANCE * unit] = np.inf
    planes /= length
    return planes


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
        array = self._read_file(path, backend_args)
        return array if array.dtype == np.float32 else decode_normals(array)

    def read(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """Read a picture's codes as they are; :meth:`to_tensor` decodes what is left of them."""
        if type(self) is not NormalTarget:  # what a subclass overrides may expect vectors
            return self.load(path, backend_args=backend_args)
        return self._read_file(path, backend_args)

    @staticmethod
    def _read_file(path: str, backend_args: dict[str, Any] | None) -> np.ndarray:
        """Codes of a picture, in the order x, y, z, or unit vectors of a ``.npy`` file."""
        is_picture = not path.endswith(".npy")
        if is_picture:
            array = read_image_file(path, flag="unchanged", backend_args=backend_args)
        else:
            array = read_array_file(path, backend_args=backend_args)
        if array.ndim != 3 or array.shape[2] != 3:
            raise ValueError(f"{path}: normals are (H, W, 3), found shape {array.shape}.")
        if is_picture:
            return cv2.cvtColor(array, cv2.COLOR_BGR2RGB)
        if not np.isfinite(array).all():
            raise ValueError(f"{path}: NaN in the normals; write the zero vector instead.")
        return unit_or_zero(array)

    def flipped(self, array: np.ndarray, direction: str) -> np.ndarray:
        """Mirror the vectors, or their codes, with the picture."""
        signs = MIRROR_SIGNS[direction]
        if array.dtype.kind == "f":
            return array * np.array(signs, dtype=np.float32)
        # All bits of a code inverted are the code of -n; black turns into another corner of the
        # cube, as invalid. Rows as a whole keep the loop long.
        inverted = np.where(np.less(signs, 0), np.iinfo(array.dtype).max, 0).astype(array.dtype)
        rows = array.reshape(len(array), -1) ^ np.tile(inverted, array.shape[1])
        return rows.reshape(array.shape)

    def rotated(self, array: np.ndarray, degrees: float) -> np.ndarray:
        """Turn the vectors about the optical axis, clockwise in the picture (y points down)."""
        angle = np.deg2rad(degrees)
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        if array.dtype.kind != "f":
            array = decode_normals(array)
        x, y, z = array[..., 0], array[..., 1], array[..., 2]
        return np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=-1)

    def to_tensor(self, array: np.ndarray) -> torch.Tensor:
        """Normals (3, H, W) float32, from vectors or codes.

        Raises:
            ValueError: Vectors are longer than one.
        """
        if array.dtype.kind != "f":
            return torch.from_numpy(_decode_planes(array))
        planes = np.ascontiguousarray(array.transpose(2, 0, 1), dtype=np.float32)
        if planes.size and planes.max() > _MAX_COMPONENT:
            raise ValueError(
                f"{self.result_key} has a component of {planes.max():g}, expected unit vectors. A "
                "transform that calculates with normals calls the target's flipped and rotated, or "
                "first mmaux.datasets.targets.decode_normals; padding is the zero vector."
            )
        return torch.from_numpy(planes)
