"""The training pipeline against straightforward code: decode everything, then move pixels."""

import cv2
import numpy as np
import pytest
from folders import room_config, write_png, write_room

from mmaux.datasets import MultiTaskFolderDataset

FACTS = ("scale_factor", "crop_bbox", "flip", "flip_direction", "depth_factor")
SIZE, CROP = (48, 64), (40, 50)


def pipeline(*extra):
    return [
        {"type": "mmaux.LoadImageFromFile"},
        {"type": "mmaux.LoadTargets"},
        {
            "type": "mmcv.RandomResize",
            "resize_type": "mmaux.Resize",
            "scale": SIZE[::-1],
            "ratio_range": (0.9, 2.1),
            "keep_ratio": True,
        },
        {"type": "mmaux.RandomCrop", "crop_size": CROP, "cat_max_ratio": 0.75},
        *extra,
        {
            "type": "mmaux.RandomFlip",
            "prob": [0.3, 0.3, 0.3],
            "direction": ["horizontal", "vertical", "diagonal"],
        },
        {"type": "mmaux.PackMultiTaskInputs", "meta_keys": FACTS},
    ]


def write_targets(root, coding):
    """Random targets with invalid pixels; returns labels, metres and float64 normals."""
    rng = np.random.default_rng(1)
    labels = rng.choice([0, 1, 2, 3, 4, 255], SIZE).astype(np.uint8)
    depth = rng.integers(0, 9000, SIZE).astype(np.uint16)
    normals = rng.normal(size=(*SIZE, 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    invalid = rng.random(SIZE) < 0.2
    write_png(root / "label/a.png", labels)
    write_png(root / "depth/a.png", depth)
    if coding == "npy":
        normals[invalid] = 0
        (root / "normal/a.png").unlink()
        np.save(root / "normal/a.npy", normals)
        return labels, depth / 1000, normals
    largest = np.iinfo(coding).max
    codes = np.rint((normals + 1) * largest / 2).astype(coding)
    codes[invalid] = 0
    write_png(root / "normal/a.png", codes)
    decoded = codes / (largest / 2) - 1
    decoded /= np.linalg.norm(decoded, axis=-1, keepdims=True)
    decoded[invalid] = 0
    return labels, depth / 1000, decoded


def nearest(length, scale):
    """Which of ``length`` pixels OpenCV's nearest sampling takes."""
    ramp = np.arange(length, dtype=np.float32)[None]
    return cv2.resize(ramp, (round(length * scale), 1), interpolation=cv2.INTER_NEAREST)[0].astype(
        int
    )


def moved(array, facts):
    """The nearest pixels of the resized picture, its crop, its flip."""
    rows, columns = map(nearest, SIZE, facts["scale_factor"][::-1])
    top, bottom, left, right = facts["crop_bbox"]
    array = array[rows][:, columns][top:bottom, left:right]
    direction = facts["flip_direction"]
    array = array[:, ::-1] if direction in ("horizontal", "diagonal") else array
    return array[::-1] if direction in ("vertical", "diagonal") else array


@pytest.fixture
def root(tmp_path):
    write_room(tmp_path, "a", size=SIZE)
    return tmp_path


@pytest.mark.parametrize("coding", [np.uint8, np.uint16, "npy"])
def test_it_equals_decoding_first(root, coding):
    labels, depth, normals = write_targets(root, coding)
    dataset = MultiTaskFolderDataset(**room_config(root, pipeline=pipeline()))
    seen = set()
    for seed in range(24):
        np.random.seed(seed)
        sample = dataset[0]["data_samples"]
        facts = sample.metainfo
        direction = facts["flip_direction"]
        seen.add(direction)
        np.testing.assert_array_equal(sample.gt_sem_seg.data[0], moved(labels, facts))
        expected = moved(depth, facts) / facts["depth_factor"]
        np.testing.assert_allclose(sample.gt_depth_map.data[0], expected, rtol=1e-6)
        expected = moved(normals, facts).copy()
        expected[..., 0] *= -1 if direction in ("horizontal", "diagonal") else 1
        expected[..., 1] *= -1 if direction in ("vertical", "diagonal") else 1
        found = sample.gt_normal_map.data.permute(1, 2, 0)
        np.testing.assert_allclose(found, expected, atol=1e-6)
        np.testing.assert_array_equal(found.any(-1), expected.any(-1))
    assert seen == {None, "horizontal", "vertical", "diagonal"}


def test_turning_codes_equals_turning_vectors(root):
    write_targets(root, np.uint16)
    turn = {"type": "mmaux.RandomRotate", "prob": 1.0, "degree": 30.0}
    dataset = MultiTaskFolderDataset(**room_config(root, pipeline=pipeline(turn)))
    np.random.seed(3)
    codes = dataset[0]["data_samples"].gt_normal_map.data
    decoded = dataset.targets["normal"].load(str(root / "normal/a.png"))
    np.save(root / "normal/a.npy", decoded)
    (root / "normal/a.png").unlink()
    dataset = MultiTaskFolderDataset(**room_config(root, pipeline=pipeline(turn)))
    np.random.seed(3)
    vectors = dataset[0]["data_samples"].gt_normal_map.data
    np.testing.assert_allclose(codes, vectors, atol=1e-6)
    assert (codes == 0).all(0).any()
