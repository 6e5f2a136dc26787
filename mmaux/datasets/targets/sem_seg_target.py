"""Class ids."""

from typing import Any

import cv2
import numpy as np
import torch

from mmaux.datasets.image_file import read_image_file
from mmaux.registry import TASK_UTILS

from .base_target import DenseTarget


@TASK_UTILS.register_module()
class SemSegTarget(DenseTarget):
    """Semantic labels: class ids from 0, invalid pixels 255.

    ``reduce_zero_label`` and a subset of classes in the data set's ``metainfo`` act as in mmseg.
    Unlike there, an id outside the classes is an error and not a class of its own.

    Args:
        folder: Folder of the label files.
    """

    task = "semseg"
    path_key = "seg_map_path"
    result_key = "gt_seg_map"
    sample_field = "gt_sem_seg"
    default_folder = "label"
    fill_value = 255

    _INVALID = -1

    def bind(self, *, metainfo: dict[str, Any], source_classes: tuple[str, ...]) -> None:
        """Build the table from the ids in the files to the ids of training."""
        if not source_classes:
            raise ValueError(
                "the data set has the target 'semseg' but no classes; "
                "give metainfo=dict(classes=(...)) in its config."
            )
        reduce_zero = bool(metainfo.get("reduce_zero_label"))
        ids = np.arange(256) - 1 if reduce_zero else np.arange(256)
        table = np.where((ids >= 0) & (ids < len(source_classes)), ids, self._INVALID)
        if reduce_zero:
            table[0] = self.fill_value
        label_map = metainfo.get("label_map")
        if label_map:
            mapping = np.array([label_map[i] for i in range(len(source_classes))])
            inside = (table >= 0) & (table < len(source_classes))
            table[inside] = mapping[table[inside]]
        table[255] = self.fill_value
        self._is_wrong = (table == self._INVALID).astype(np.uint8)
        self._table = np.maximum(table, 0).astype(np.uint8)
        self._changes_ids = bool((table != np.arange(256))[table != self._INVALID].any())
        self._num_classes = len(source_classes)
        self._reduce_zero = reduce_zero

    def load(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """Read a label image (H, W) into uint8 training ids.

        Raises:
            ValueError: The image has several channels or an id outside the classes.
        """
        ids = read_image_file(path, flag="unchanged", backend_args=backend_args)
        if ids.ndim != 2:
            raise ValueError(
                f"{path}: a label image has one channel of class ids, found shape {ids.shape}; "
                "colour-coded labels must be converted to ids first."
            )
        if ids.dtype != np.uint8:
            highest = int(ids.max())
            if highest > 255:
                raise ValueError(f"{path}: class id {highest}, expected at most 255.")
            ids = ids.astype(np.uint8)
        if cv2.countNonZero(cv2.LUT(ids, self._is_wrong)):
            wrong = np.unique(ids[self._is_wrong[ids] > 0])
            first = 1 if self._reduce_zero else 0
            raise ValueError(
                f"{path}: class ids {wrong[:10].tolist()} are out of range; the data set has "
                f"{self._num_classes} classes, ids {first}..{self._num_classes - 1 + first} and "
                "255 for ignore. Check the classes in the config or convert the labels again."
            )
        return cv2.LUT(ids, self._table) if self._changes_ids else ids

    def to_tensor(self, array: np.ndarray) -> torch.Tensor:
        """Labels (1, H, W) int64."""
        return torch.from_numpy(array.astype(np.int64))[None]
