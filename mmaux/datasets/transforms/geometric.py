"""mmseg's geometric transforms, extended to targets whose values depend on geometry.

Each keeps mmseg's arguments and adds two things: the targets' values follow the picture (depth is
divided by the resize factor, normals are mirrored and turned), and so does the camera matrix
``intrinsics``, if the sample has one. Targets are sampled with nearest neighbours, all alike, so
that they keep agreeing pixel by pixel and invalid pixels never bleed.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import mmcv
import numpy as np
from mmseg.datasets import transforms as mmseg_transforms

from mmaux.datasets.targets import DenseTarget
from mmaux.geometry.camera import (
    crop_intrinsics,
    flip_intrinsics,
    rotate_intrinsics,
    scale_intrinsics,
)
from mmaux.registry import TRANSFORMS

_FLIP_CODES = {"horizontal": 1, "vertical": 0, "diagonal": -1}


def loaded_targets(results: dict[str, Any]) -> Iterator[DenseTarget]:
    """The dense targets whose array is in the results."""
    for target in results.get("targets", {}).values():
        if target.result_key in results.get("seg_fields", ()):
            yield target


def _camera(results: dict[str, Any]) -> np.ndarray | None:
    matrix = results.get("intrinsics")
    return None if matrix is None else np.asarray(matrix, dtype=np.float64)


@TRANSFORMS.register_module()
class Resize(mmseg_transforms.Resize):
    """mmseg's ``Resize`` for all targets.

    An image enlarged s times looks like one taken s times nearer with the same camera, so depth
    is divided by s (section 4.1 of Liu et al., 1909.02214: "normalized with the scale of random
    reshape"). The product of the factors is kept in ``depth_factor``; predictions are multiplied
    by it, so that they are metres whatever the test size.
    """

    _MAX_ANISOTROPY = 1.05

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Resize image and loaded targets.

        Raises:
            ValueError: Depth is loaded and the two axes' factors differ by over five percent.
        """
        results = super().transform(results)
        sx, sy = results["scale_factor"]
        results["depth_factor"] = results.get("depth_factor", 1.0) * float(np.sqrt(sx * sy))
        matrix = _camera(results)
        if matrix is not None:
            results["intrinsics"] = scale_intrinsics(matrix, sx, sy)
        return results

    def _resize_seg(self, results: dict[str, Any]) -> None:
        sx, sy = results["scale_factor"]
        targets = list(loaded_targets(results))
        if targets and max(sx / sy, sy / sx) > self._MAX_ANISOTROPY:
            raise ValueError(
                f"{results.get('img_path')}: resizing to {results['img_shape']} stretches the "
                f"picture ({sy:.3f} vertically, {sx:.3f} horizontally); depth and normals have no "
                "meaning then. Use keep_ratio=True, or load targets after Resize in testing."
            )
        scale = float(np.sqrt(sx * sy))
        # Values do not depend on sampling; they are adapted where there are fewer pixels.
        if scale <= 1:
            super()._resize_seg(results)
        for target in targets:
            results[target.result_key] = target.resized(results[target.result_key], scale)
        if scale > 1:
            super()._resize_seg(results)


@TRANSFORMS.register_module()
class RandomFlip(mmseg_transforms.RandomFlip):
    """mmseg's ``RandomFlip`` for all targets: normals are mirrored too."""

    def _flip_seg_map(self, seg_map: np.ndarray, direction: str) -> np.ndarray:
        # mmcv gives a view that is read backwards, at many times the cost.
        return cv2.flip(seg_map, _FLIP_CODES[direction])

    def _flip(self, results: dict[str, Any]) -> None:
        super()._flip(results)
        direction = results["flip_direction"]
        for target in loaded_targets(results):
            results[target.result_key] = target.flipped(results[target.result_key], direction)
        matrix = _camera(results)
        if matrix is not None:
            height, width = results["img"].shape[:2]
            results["intrinsics"] = flip_intrinsics(
                matrix,
                width=None if direction == "vertical" else width,
                height=None if direction == "horizontal" else height,
            )


@TRANSFORMS.register_module()
class RandomCrop(mmseg_transforms.RandomCrop):
    """mmseg's ``RandomCrop`` that moves the principal point and accepts unlabelled samples."""

    def crop_bbox(self, results: dict[str, Any]) -> tuple[int, int, int, int]:
        """The window; ``cat_max_ratio`` applies where there are labels."""
        if self.cat_max_ratio < 1.0 and "gt_seg_map" not in results:
            free = mmseg_transforms.RandomCrop(self.crop_size, ignore_index=self.ignore_index)
            window = free.crop_bbox(results)
        else:
            window = super().crop_bbox(results)
        results["crop_bbox"] = window
        return window

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Crop image and targets."""
        results = super().transform(results)
        top, _, left, _ = results["crop_bbox"]
        matrix = _camera(results)
        if matrix is not None:
            results["intrinsics"] = crop_intrinsics(matrix, top=top, left=left)
        return results


@TRANSFORMS.register_module()
class RandomRotate(mmseg_transforms.RandomRotate):
    """mmseg's ``RandomRotate`` for all targets.

    Each target is padded with its own invalid value (mmseg writes 255 into all of them), and
    normals turn about the optical axis. Turning about the image centre while the principal point
    lies elsewhere only moves the latter.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Turn image and targets clockwise by a random angle."""
        rotate, degrees = self.generate_degree()
        if not rotate:
            return results
        if self.auto_bound and results.get("intrinsics") is not None:
            raise ValueError("RandomRotate: auto_bound moves the camera; use auto_bound=False.")
        height, width = results["img"].shape[:2]
        options = {"angle": degrees, "center": self.center, "auto_bound": self.auto_bound}
        results["img"] = mmcv.imrotate(results["img"], border_value=self.pal_val, **options)
        for target in loaded_targets(results):
            turned = mmcv.imrotate(
                results[target.result_key],
                border_value=target.fill_value,
                interpolation="nearest",
                **options,
            )
            results[target.result_key] = target.rotated(turned, degrees)
        matrix = _camera(results)
        if matrix is not None:
            centre = self.center or ((width - 1) * 0.5, (height - 1) * 0.5)
            results["intrinsics"] = rotate_intrinsics(matrix, degrees, centre)
        return results
