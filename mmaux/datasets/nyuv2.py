"""NYU Depth v2, the 1,449 labelled frames."""

import json
import os.path as osp
from importlib import resources
from typing import Any

from mmaux.registry import DATASETS

from .multi_task_folder_dataset import MultiTaskFolderDataset


def nyuv2_facts() -> dict[str, Any]:
    """The official split, class mappings and camera that the package ships."""
    return json.loads(resources.files("mmaux.datasets").joinpath("meta/nyuv2.json").read_text())


@DATASETS.register_module()
class NYUv2Dataset(MultiTaskFolderDataset):
    """NYUD-v2 (Silberman et al. 2012) as ``tools/dataset_converters/nyud.py`` writes it.

    795 training and 654 test frames of 480x640 with 40 classes (Gupta et al. 2013), depth in
    metres and normals that were *computed from that depth* (another ground truth than Eigen's or
    Ladicky's); camera axes x right, y down, z away from the camera.

    Args:
        targets: Tasks to load. ``depth=dict(folder='depth_raw')`` reads the sensor's depth with
            its holes in place of the inpainted one.
        ann_file: ``splits/train.txt`` or ``splits/test.txt``.
        kwargs: Arguments of :class:`MultiTaskFolderDataset`.
    """

    METAINFO = {
        "classes": tuple(nyuv2_facts()["classes40"]),
        "palette": [list(colour) for colour in nyuv2_facts()["palette40"]],
    }

    def __init__(self, *, image_suffixes: tuple[str, ...] = (".png",), **kwargs: Any) -> None:
        super().__init__(image_suffixes=image_suffixes, **kwargs)

    def list_samples(self) -> list[dict[str, Any]]:
        """Samples of the split."""
        if not osp.isdir(self.data_root):
            raise FileNotFoundError(
                f"{self.data_root}: no such folder (data_root). Convert the official file: "
                "python tools/dataset_converters/nyud.py nyu_depth_v2_labeled.mat "
                f"--out {self.data_root}"
            )
        return super().list_samples()


@DATASETS.register_module()
class NYUv2Dataset13(NYUv2Dataset):
    """NYUD-v2 with the 13 classes of Handa et al. (2016), converted with ``--classes 13``."""

    METAINFO = {
        "classes": tuple(nyuv2_facts()["classes13"]),
        "palette": [list(colour) for colour in nyuv2_facts()["palette13"]],
    }
