"""SUN RGB-D, 10,335 frames of four depth cameras."""

import json
import os.path as osp
from importlib import resources
from typing import Any

from mmaux.registry import DATASETS

from .multi_task_folder_dataset import MultiTaskFolderDataset
from .nyuv2 import nyuv2_facts


def sunrgbd_facts() -> dict[str, Any]:
    """The classes, their mapping and the range of depth that the package ships.

    Palettes are those of NYUD-v2: the 37 classes are the first of its 40, the 13 are the same.
    """
    text = resources.files("mmaux.datasets").joinpath("meta/sunrgbd.json").read_text()
    nyud = nyuv2_facts()
    return {
        **json.loads(text),
        "palette37": nyud["palette40"][:37],
        "palette13": nyud["palette13"],
    }


@DATASETS.register_module()
class SUNRGBDDataset(MultiTaskFolderDataset):
    """SUN RGB-D (Song et al. 2015) as ``tools/dataset_converters/sunrgbd.py`` writes it.

    5,285 training and 5,050 test frames of several sizes with 37 classes, depth in metres clipped
    at 8 m, per-image intrinsics, and normals that were *computed from that depth* (there are no
    official ones); camera axes x right, y down, z away from the camera.

    Args:
        targets: Tasks to load. ``depth=dict(folder='depth_raw')`` reads the sensor's depth with
            its holes in place of the refined one.
        ann_file: ``splits/train.txt`` or ``splits/test.txt``.
        kwargs: Arguments of :class:`MultiTaskFolderDataset`.

    Raises:
        FileNotFoundError: If the data set was not converted yet, with the command.
    """

    METAINFO = {
        "classes": tuple(sunrgbd_facts()["classes37"]),
        "palette": sunrgbd_facts()["palette37"],
    }

    def list_samples(self) -> list[dict[str, Any]]:
        """Samples of the split."""
        if not osp.isdir(self.data_root):
            raise FileNotFoundError(
                f"{self.data_root}: no such folder (data_root). Convert the official folders: "
                "python tools/dataset_converters/sunrgbd.py SUNRGBD --toolbox SUNRGBDtoolbox "
                f"--classes {len(self.METAINFO['classes'])} --out {self.data_root}"
            )
        return super().list_samples()


@DATASETS.register_module()
class SUNRGBDDataset13(SUNRGBDDataset):
    """SUN RGB-D with the 13 classes of Handa et al. (2016), converted with ``--classes 13``."""

    METAINFO = {
        "classes": tuple(sunrgbd_facts()["classes13"]),
        "palette": sunrgbd_facts()["palette13"],
    }
