"""Rendered rooms: data without a download."""

import os.path as osp
from typing import Any

from mmaux.registry import DATASETS

from .multi_task_folder_dataset import MultiTaskFolderDataset
from .nyuv2 import nyuv2_facts
from .rooms.kinds import KINDS


@DATASETS.register_module()
class RoomsDataset(MultiTaskFolderDataset):
    """Indoor scenes as ``tools/dataset_converters/rooms.py`` renders them.

    The 13 classes of Handa et al. (2016), depth in metres (with the noise and holes of a depth
    camera in the training images, 0 = no reading; exact in the test images) and exact normals in
    camera axes x right, y down, z away from the camera; the scene is the kind of room.

    Args:
        targets: Tasks to load.
        ann_file: ``splits/train.txt`` or ``splits/test.txt``.
        kwargs: Arguments of :class:`MultiTaskFolderDataset`.

    Raises:
        FileNotFoundError: If the data set was not rendered yet, or without the scenes that
            ``targets`` asks for, with the command.
    """

    METAINFO = {
        "classes": tuple(nyuv2_facts()["classes13"]),
        "palette": [list(colour) for colour in nyuv2_facts()["palette13"]],
        "scenes": KINDS,
    }

    def __init__(self, *, image_suffixes: tuple[str, ...] = (".png",), **kwargs: Any) -> None:
        super().__init__(image_suffixes=image_suffixes, **kwargs)

    def list_samples(self) -> list[dict[str, Any]]:
        """Samples of the split."""
        if not osp.isdir(self.data_root):
            raise FileNotFoundError(
                f"{self.data_root}: no such folder (data_root). Render it: python "
                f"tools/dataset_converters/rooms.py --out {self.data_root} --train 500 --test 100"
            )
        scenes = self.targets.get("scene")
        if scenes is not None and "scene" not in self.may_lack:
            folder = osp.join(self.data_root, scenes.folder)
            if not osp.isdir(folder):
                raise FileNotFoundError(
                    f"{folder}: no such folder; these rooms were rendered without their scenes. "
                    "Add them, which takes seconds, renders nothing and changes no other file of "
                    "an image: python tools/dataset_converters/rooms.py --add-scenes --out "
                    f"{self.data_root}"
                )
        return super().list_samples()
