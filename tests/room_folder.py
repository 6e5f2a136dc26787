"""The analytic room as a data set in the common folder layout, and a config that reads it."""

import json
from pathlib import Path

import cv2
import numpy as np
from scenes import CLASSES, Scene, render

TRAIN, TEST = ("a0", "a1", "a2"), ("b0", "b1")
SIZE = (96, 128)


def write_normals(path: Path, normals: np.ndarray) -> None:
    """16-bit picture of normals (H, W, 3), zero = black."""
    codes = np.round((normals + 1) * 32767.5).astype(np.uint16)
    codes[~normals.any(-1)] = 0
    cv2.imwrite(str(path), codes[..., ::-1])


def write_room(root: Path, *, with_camera: bool = True) -> Scene:
    """Write five samples of the room and return what each shows."""
    scene = render(SIZE)
    for folder in ("image", "label", "depth", "normal", "scene", "splits"):
        (root / folder).mkdir(parents=True)
    for stem in (*TRAIN, *TEST):
        cv2.imwrite(str(root / "image" / f"{stem}.png"), scene.image)
        cv2.imwrite(str(root / "label" / f"{stem}.png"), scene.labels)
        depth = np.round(scene.depth * 1000).astype(np.uint16)
        cv2.imwrite(str(root / "depth" / f"{stem}.png"), depth)
        (root / "scene" / f"{stem}.txt").write_text("bedroom\n" if stem == "a0" else "study\n")
        write_normals(root / "normal" / f"{stem}.png", scene.normals)
    (root / "splits" / "train.txt").write_text("\n".join(TRAIN) + "\n")
    (root / "splits" / "test.txt").write_text("\n".join(TEST) + "\n")
    meta = {"depth_scale": 1000}
    if with_camera:
        meta |= {"intrinsics": scene.intrinsics.tolist(), "image_size": list(SIZE)}
    (root / "meta.json").write_text(json.dumps(meta))
    return scene


def dataset_config(root: Path, split: str = "train", **options: object) -> dict:
    """Config of a split with all three tasks."""
    return {
        "type": "mmaux.MultiTaskFolderDataset",
        "data_root": str(root),
        "ann_file": f"splits/{split}.txt",
        "targets": ("semseg", "depth", "normal"),
        "metainfo": {"classes": CLASSES},
        "pipeline": pipeline({"type": "mmaux.RandomFlip", "prob": 0.5}),
        **options,
    }


def pipeline(*transforms: dict) -> list[dict]:
    """Loading, these transforms, packing."""
    return [
        {"type": "mmaux.LoadImageFromFile"},
        {"type": "mmaux.LoadTargets"},
        *transforms,
        {"type": "mmaux.PackMultiTaskInputs"},
    ]


def config_of(root: Path, **train_options: object) -> dict:
    """Config with a training and a test data set."""
    return {
        "train_dataloader": {"dataset": dataset_config(root, **train_options)},
        "test_dataloader": {"dataset": dataset_config(root, "test")},
    }
