"""A config's training data, and mmseg's own pipeline on the same files."""

from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.datasets import BaseSegDataset

from mmaux.datasets import MultiTaskFolderDataset
from mmaux.registry import DATASETS

from .input_size import augmentation_setting

TRAIN_SPLIT = "splits/train.txt"


def multi_task_dataset(config: Config, root: str) -> MultiTaskFolderDataset:
    """The config's targets and training pipeline on a folder in the common layout.

    Args:
        config: A training config; its own data set is not read.
        root: The folder; the classes are those in its ``meta.json``.
    """
    init_default_scope(config.get("default_scope", "mmaux"))
    dataset = config.train_dataloader.dataset
    return DATASETS.build(
        {
            "type": "mmaux.MultiTaskFolderDataset",
            "data_root": root,
            "ann_file": TRAIN_SPLIT,
            "targets": dataset.targets,
            "pipeline": dataset.pipeline,
        }
    )


def mmseg_dataset(config: Config, root: str) -> BaseSegDataset:
    """The same images with their label maps in mmseg's data set and pipeline.

    Resizing, cropping and flipping are mmseg's with the config's settings.

    Args:
        config: A training config.
        root: A folder in the common layout.

    Raises:
        ValueError: The config's pipeline lacks a setting, or the images have several suffixes.
    """
    return DATASETS.build(
        {
            "type": "mmseg.BaseSegDataset",
            "data_root": root,
            "ann_file": TRAIN_SPLIT,
            "data_prefix": {"img_path": "image", "seg_map_path": "label"},
            "img_suffix": _image_suffix(Path(root) / "image"),
            "pipeline": mmseg_pipeline(config),
        }
    )


def mmseg_pipeline(config: Config) -> list[dict[str, Any]]:
    """Transforms of mmseg with the settings of a config's training pipeline.

    Raises:
        ValueError: The config's pipeline lacks a setting.
    """
    return [
        {"type": "mmcv.LoadImageFromFile"},
        {"type": "mmseg.LoadAnnotations"},
        {
            "type": "mmcv.RandomResize",
            "resize_type": "mmseg.Resize",
            "scale": augmentation_setting(config, "scale"),
            "ratio_range": augmentation_setting(config, "ratio_range"),
            "keep_ratio": True,
        },
        {"type": "mmseg.RandomCrop", "crop_size": augmentation_setting(config, "crop_size")},
        {"type": "mmseg.RandomFlip", "prob": augmentation_setting(config, "prob")},
        {"type": "mmseg.PackSegInputs"},
    ]


def _image_suffix(folder: Path) -> str:
    found = sorted({path.suffix for path in folder.iterdir()})
    if len(found) != 1:
        raise ValueError(
            f"{folder}: mmseg's data set reads images of one suffix, found {found}; give a folder "
            "with one."
        )
    return found[0]
