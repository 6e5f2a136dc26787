"""NYUD-v2-expansion: raw frames with Kinect depth and labels of a pre-trained network."""

import os.path as osp
from collections.abc import Sequence
from typing import Any

from mmaux.registry import DATASETS

from .nyuv2 import NYUv2Dataset


@DATASETS.register_module()
class NYUv2ExpansionDataset(NYUv2Dataset):
    """Frames of NYUD-v2's raw training scenes for pre-training (Liu et al. 2019, section 4).

    The paper samples 4k frames of the official training scenes, which have Kinect depth only, and
    labels them coarsely with a pre-trained segmentation network. There is no official release: the
    user gives depth aligned with the pictures, in the common layout::

        data_root/
          image/STEM.jpg or .png   480x640
          depth/STEM.png           16 bit, millimetres (or depth_scale of meta.json); 0 = no reading
          label/STEM.png           written by pseudo_labels.py; 255 = not sure

    The 40 classes are those of NYUD-v2; labels of a network with other classes are refused.

    Args:
        targets: Tasks to load.
        ann_file: List of stems; by default every picture of the folder.
        kwargs: Arguments of :class:`MultiTaskFolderDataset`.

    Raises:
        FileNotFoundError: If there is no such folder.
    """

    def __init__(
        self, *, image_suffixes: Sequence[str] = (".jpg", ".png", ".jpeg"), **kwargs: Any
    ) -> None:
        super().__init__(image_suffixes=tuple(image_suffixes), **kwargs)

    def list_samples(self) -> list[dict[str, Any]]:
        """Samples of the list or of the folder."""
        if not osp.isdir(self.data_root):
            raise FileNotFoundError(
                f"{self.data_root}: no such folder (data_root). Put frames of the raw training "
                f"scenes into {self.data_root}/image and their aligned depth into "
                f"{self.data_root}/depth, then label them: python "
                "tools/dataset_converters/pseudo_labels.py CONFIG CHECKPOINT --images "
                f"{self.data_root}/image --out {self.data_root}"
            )
        return super().list_samples()
