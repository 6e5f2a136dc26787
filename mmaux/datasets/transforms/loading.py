"""Loading images and targets."""

from typing import Any

import mmcv.transforms
import numpy as np
from mmcv.transforms import BaseTransform

from mmaux.datasets.image_file import read_image_file
from mmaux.datasets.targets import DenseTarget
from mmaux.registry import TRANSFORMS
from mmaux.utils.freed_memory import keep_freed_memory


@TRANSFORMS.register_module()
class LoadImageFromFile(mmcv.transforms.LoadImageFromFile):
    """mmcv's loader (same arguments and result keys) that refuses truncated files."""

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Load ``img`` (H, W, 3) from ``img_path``."""
        image = read_image_file(
            results["img_path"],
            flag=self.color_type,
            imdecode_backend=self.imdecode_backend,
            backend_args=self.backend_args,
        )
        if self.to_float32:
            image = image.astype(np.float32)
        results["img"] = image
        results["img_shape"] = image.shape[:2]
        results["ori_shape"] = image.shape[:2]
        return results


@TRANSFORMS.register_module()
class LoadTargets(BaseTransform):
    """Load every target that the sample has.

    Place it before geometric transforms in training. In testing place it after ``Resize``:
    predictions are compared at the image's original size.

    Args:
        backend_args: Arguments of mmengine's file backend.
    """

    def __init__(self, backend_args: dict[str, Any] | None = None) -> None:
        self.backend_args = backend_args

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Add each target's array under its ``result_key``; name dense ones in ``seg_fields``.

        Raises:
            ValueError: A dense target is of another size than the image, or a target holds
                impossible values.
        """
        keep_freed_memory()
        for target in results["targets"].values():
            path = results.get(target.path_key)
            if path is None:
                continue
            array = target.read(path, backend_args=self.backend_args)
            results[target.result_key] = array
            if not isinstance(target, DenseTarget):
                continue
            if array.shape[:2] != tuple(results["ori_shape"][:2]):
                raise ValueError(
                    f"{path}: the {target.task} target is {array.shape[0]}x{array.shape[1]} but "
                    f"its image {results['img_path']} is "
                    f"{results['ori_shape'][0]}x{results['ori_shape'][1]} (height x width); "
                    "they must have the same size."
                )
            results["seg_fields"].append(target.result_key)
        return results
