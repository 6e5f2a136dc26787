"""Metric depth."""

from typing import Any

import numpy as np
import torch

from mmaux.datasets.image_file import read_array_file, read_image_file
from mmaux.registry import TASK_UTILS

from .base_target import DenseTarget


def decode_sunrgbd_depth(codes: np.ndarray) -> np.ndarray:
    """Metres from SUN RGB-D's rotated 16-bit codes.

    The three lowest bits were moved to the top by the data set's toolbox (``read3dPoints.m``);
    the rotation is only right in 16-bit arithmetic.

    Args:
        codes: uint16 (H, W).

    Returns:
        float32 (H, W), metres, 0 = invalid.
    """
    if codes.dtype != np.uint16:
        raise ValueError(f"SUN RGB-D depth is coded in uint16, found {codes.dtype}.")
    return ((codes >> np.uint16(3)) | (codes << np.uint16(13))).astype(np.float32) / 1000.0


@TASK_UTILS.register_module()
class DepthTarget(DenseTarget):
    """Depth along the optical axis in metres, float32; 0 = invalid.

    Args:
        folder: Folder of the depth files: 16-bit PNG, or ``.npy`` in metres.
        scale: Units of the PNG per metre; by default ``depth_scale`` of the data set's
            ``meta.json``, or 1000 (millimetres).
        encoding: ``linear``, or ``sunrgbd`` for that data set's rotated bits.
        max_depth: Depths beyond it, in metres, become invalid.
    """

    task = "depth"
    path_key = "depth_map_path"
    result_key = "gt_depth_map"
    sample_field = "gt_depth_map"
    default_folder = "depth"
    fill_value = 0.0
    suffixes = (".png", ".npy")

    def __init__(
        self,
        folder: str | None = None,
        *,
        scale: float | None = None,
        encoding: str = "linear",
        max_depth: float | None = None,
    ) -> None:
        super().__init__(folder)
        if encoding not in ("linear", "sunrgbd"):
            raise ValueError(f"encoding is 'linear' or 'sunrgbd', found {encoding!r}.")
        if scale is not None and scale <= 0:
            raise ValueError(f"scale is in units per metre and positive, found {scale}.")
        self.scale = scale
        self._scale_is_given = scale is not None
        self._scale_is_assumed = False
        self.encoding = encoding
        self.max_depth = max_depth

    def bind(self, *, metainfo: dict[str, Any], source_classes: tuple[str, ...]) -> None:
        """Take the PNG's scale from ``meta.json`` where the config gives none."""
        if self.scale is None:
            layout = metainfo.get("layout", {})
            self._scale_is_assumed = "depth_scale" not in layout
            scale = layout.get("depth_scale", 1000.0)
            if not isinstance(scale, int | float) or scale <= 0:
                raise ValueError(
                    f"depth_scale in meta.json is in units per metre and positive, found {scale!r}."
                )
            self.scale = float(scale)

    def load(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """Read a depth file into metres (H, W), float32.

        Raises:
            ValueError: NaN, infinite or negative depth, or not a one-channel map.
        """
        if path.endswith(".npy"):
            depth = read_array_file(path, backend_args=backend_args)
            self._check_shape(depth, path)
        else:
            codes = read_image_file(path, flag="unchanged", backend_args=backend_args)
            self._check_shape(codes, path)
            if self.encoding == "sunrgbd":
                try:
                    depth = decode_sunrgbd_depth(codes)
                except ValueError as error:
                    raise ValueError(f"{path}: {error}") from error
            elif codes.dtype == np.uint8 and self._scale_is_assumed:
                raise ValueError(
                    f"{path}: an 8-bit depth map, but neither the config nor meta.json gives its "
                    "scale (16-bit millimetres are assumed). State the units per metre: "
                    "targets=dict(depth=dict(scale=...)), or write 16-bit files."
                )
            elif codes.dtype.kind == "f" and not self._scale_is_given:
                depth = codes.astype(np.float32)
            else:
                depth = codes.astype(np.float32) / np.float32(self.scale or 1000.0)
        self._check_values(depth, path)
        if self.max_depth is not None:
            depth[depth > self.max_depth] = 0.0
        return depth

    @staticmethod
    def _check_shape(array: np.ndarray, path: str) -> None:
        if array.ndim != 2:
            raise ValueError(f"{path}: a depth map is (H, W), found shape {array.shape}.")

    @staticmethod
    def _check_values(depth: np.ndarray, path: str) -> None:
        lowest = float(depth.min())  # NaN if any is
        if not np.isfinite(lowest) or not np.isfinite(float(depth.max())):
            count = int((~np.isfinite(depth)).sum())
            raise ValueError(
                f"{path}: {count} depth values are NaN or infinite; write 0 where there is no "
                "measurement."
            )
        if lowest < 0:
            raise ValueError(
                f"{path}: negative depth ({lowest:g} m); depth is in metres along the optical "
                "axis and 0 where there is no measurement."
            )

    def resized(self, array: np.ndarray, scale: float) -> np.ndarray:
        """Enlarging an image ``scale`` times brings its scene ``scale`` times nearer."""
        return array / np.float32(scale)

    def to_tensor(self, array: np.ndarray) -> torch.Tensor:
        """Depth (1, H, W) float32."""
        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))[None]
