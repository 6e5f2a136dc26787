import numpy as np
import pytest
from folders import room_config, write_png, write_room

from mmaux.datasets import MultiTaskFolderDataset
from mmaux.datasets.targets import build_targets
from mmaux.datasets.transforms import LoadImageFromFile, LoadTargets


@pytest.fixture
def room(tmp_path):
    return tmp_path, write_room(tmp_path, "a")


def results_of(root, tasks=("depth",), **changes):
    paths = {"depth_map_path": "depth/a.png", "normal_map_path": "normal/a.png"}
    return {
        "img_path": str(root / "image/a.png"),
        "targets": build_targets(tasks),
        "seg_fields": [],
        **{key: str(root / path) for key, path in paths.items()},
        **changes,
    }


def test_image_keys_are_those_of_mmcv(room):
    root, _ = room
    ours = LoadImageFromFile()({"img_path": str(root / "image/a.png")})
    theirs = LoadImageFromFile.__mro__[1]()({"img_path": str(root / "image/a.png")})
    assert ours.keys() == theirs.keys()
    np.testing.assert_array_equal(ours["img"], theirs["img"])
    assert (ours["img_shape"], ours["ori_shape"]) == ((48, 64), (48, 64))
    real = LoadImageFromFile(to_float32=True)({"img_path": str(root / "image/a.png")})["img"]
    assert real.dtype == np.float32


def test_a_truncated_image_stops_the_pipeline(room):
    root, _ = room
    path = root / "image/a.png"
    path.write_bytes(path.read_bytes()[:-40])
    dataset = MultiTaskFolderDataset(**room_config(root))
    with pytest.raises(ValueError, match=r"image/a\.png: the image is truncated"):
        dataset[0]


def test_only_listed_targets_are_loaded(room):
    root, scene = room
    results = LoadTargets()(LoadImageFromFile()(results_of(root, ("normal", "semseg", "depth"))))
    assert results["seg_fields"] == ["gt_normal_map", "gt_depth_map"]  # no label was listed
    assert "gt_seg_map" not in results
    np.testing.assert_allclose(results["gt_depth_map"], scene.depth, atol=5.1e-4)


def test_a_target_of_another_size_names_both_files(room):
    root, _ = room
    write_png(root / "depth/a.png", np.ones((48, 60), np.uint16))
    results = LoadImageFromFile()(results_of(root))
    message = r"depth/a\.png: the depth target is 48x60 but its image .*image/a\.png is 48x64"
    with pytest.raises(ValueError, match=message):
        LoadTargets()(results)


def test_a_transposed_target_is_noticed(room):
    root, scene = room
    write_png(root / "depth/a.png", np.rint(scene.depth.T * 1000).astype(np.uint16))
    with pytest.raises(ValueError, match="depth target is 64x48"):
        LoadTargets()(LoadImageFromFile()(results_of(root)))


def test_after_a_resize_in_testing_targets_keep_the_original_size(room):
    root, scene = room
    results = LoadImageFromFile()(results_of(root))
    results["img"] = results["img"][::2, ::2]
    results["img_shape"] = (24, 32)
    assert LoadTargets()(results)["gt_depth_map"].shape == scene.depth.shape
