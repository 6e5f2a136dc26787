import numpy as np
import pytest
import torch
from mmseg.structures import SegDataSample
from scenes import render, surface_errors

from mmaux.datasets.targets import build_targets
from mmaux.datasets.transforms import (
    PackMultiTaskInputs,
    RandomCrop,
    RandomFlip,
    RandomRotate,
    Resize,
)
from mmaux.models import MultiTaskDataPreProcessor

MIRROR_X, MIRROR_Y = np.diag([-1.0, 1, 1]), np.diag([1.0, -1, 1])


@pytest.fixture
def results():
    scene = render()
    return {
        "img_path": "room.png",
        "img": scene.image,
        "img_shape": scene.image.shape[:2],
        "ori_shape": scene.image.shape[:2],
        "targets": build_targets(("semseg", "depth", "normal")),
        "gt_seg_map": scene.labels,
        "gt_depth_map": scene.depth,
        "gt_normal_map": scene.normals,
        "seg_fields": ["gt_seg_map", "gt_depth_map", "gt_normal_map"],
        "intrinsics": scene.intrinsics,
    }


def errors(results, **kwargs):
    return surface_errors(
        results["gt_seg_map"],
        results["gt_depth_map"],
        results["gt_normal_map"],
        np.asarray(results["intrinsics"]),
        **kwargs,
    )


def assert_agree(results, *, pixels, **kwargs):
    """Maps agree with the room to within ``pixels`` of lateral displacement."""
    distance, angle = errors(results, **kwargs)
    allowed = 1e-4 + pixels * 4.0 / 110.0  # a pixel at the back wall, in metres
    assert np.percentile(distance, 99) < allowed
    assert np.median(distance) < 1e-4 + 0.4 * pixels * 4.0 / 110.0
    assert np.percentile(angle, 98) < 0.1 + 3.0 * pixels


def test_the_scene_agrees_with_itself(results):
    distance, angle = errors(results)
    assert distance.max() < 1e-5
    assert angle.max() < 0.1
    assert set(np.unique(results["gt_seg_map"])) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("scale", [0.5, 0.77, 1.6, 2.1])
def test_resize_divides_depth_and_keeps_agreement(results, scale):
    out = Resize(scale_factor=scale, keep_ratio=True)(results)
    assert out["depth_factor"] == pytest.approx(scale, rel=0.02)
    assert_agree(out, pixels=0.75 * max(1, 1 / scale), scale=out["depth_factor"])


def test_resize_by_two_gives_half_the_depth(results):
    before = results["gt_depth_map"].copy()
    out = Resize(scale_factor=2.0, keep_ratio=True)(results)
    np.testing.assert_allclose(out["gt_depth_map"][::2, ::2], before / 2)


def test_undivided_depth_would_be_noticed(results):
    out = Resize(scale_factor=2.0, keep_ratio=True)(results)
    distance, _ = errors(out, scale=1.0)
    assert np.median(distance) > 0.5


@pytest.mark.parametrize(
    ("direction", "turn"),
    [("horizontal", MIRROR_X), ("vertical", MIRROR_Y), ("diagonal", MIRROR_X @ MIRROR_Y)],
)
def test_flip_mirrors_normals(results, direction, turn):
    out = RandomFlip(prob=1.0, direction=direction)(results)
    distance, angle = errors(out, turn=turn)
    assert distance.max() < 1e-5
    assert angle.max() < 0.1


def test_unmirrored_normals_would_be_noticed(results):
    out = RandomFlip(prob=1.0)(results)
    out["gt_normal_map"] = out["gt_normal_map"] * np.array([-1, 1, 1], np.float32)
    _, angle = errors(out, turn=MIRROR_X)
    assert np.percentile(angle, 90) > 50


def test_crop_moves_the_principal_point(results):
    np.random.seed(3)
    before = np.asarray(results["intrinsics"])
    out = RandomCrop(crop_size=(50, 60))(results)
    top, _, left, _ = out["crop_bbox"]
    assert (top, left) != (0, 0)
    assert out["gt_depth_map"].shape == (50, 60)
    np.testing.assert_allclose(np.asarray(out["intrinsics"])[:2, 2], before[:2, 2] - [left, top])
    distance, angle = errors(out)
    assert distance.max() < 1e-5
    assert angle.max() < 0.1


def test_crop_with_cat_max_ratio_accepts_an_unlabelled_sample(results):
    results["seg_fields"].remove("gt_seg_map")
    del results["gt_seg_map"]
    out = RandomCrop(crop_size=(50, 60), cat_max_ratio=0.75)(results)
    assert out["gt_normal_map"].shape == (50, 60, 3)


@pytest.mark.parametrize("degrees", [-30.0, 10.0, 25.0])
def test_rotation_turns_normals_and_pads_with_invalid(results, degrees):
    out = RandomRotate(prob=1.0, degree=(degrees, degrees + 1e-9))(results)
    angle = np.deg2rad(degrees)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    outside = out["gt_seg_map"] == 255
    assert 0.02 < outside.mean() < 0.5
    assert (out["gt_depth_map"][outside] == 0).all()
    assert (out["gt_normal_map"][outside] == 0).all()
    assert_agree(out, pixels=0.75, turn=turn)


def test_rotation_the_other_way_would_be_noticed(results):
    out = RandomRotate(prob=1.0, degree=(25.0, 25.0 + 1e-9))(results)
    out["gt_normal_map"] = out["targets"]["normal"].rotated(out["gt_normal_map"], -50.0)
    angle = np.deg2rad(25.0)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    _, error = errors(out, turn=turn)
    assert (error > 20).mean() > 0.15


def test_the_whole_training_augmentation_keeps_agreement(results):
    np.random.seed(0)
    out = Resize(scale_factor=1.37, keep_ratio=True)(results)
    out = RandomCrop(crop_size=(100, 100))(out)
    out = RandomFlip(prob=1.0)(out)
    assert_agree(out, pixels=0.75, turn=MIRROR_X, scale=out["depth_factor"])


def test_stretching_targets_is_refused(results):
    with pytest.raises(ValueError, match=r"room\.png.*stretches.*keep_ratio=True"):
        Resize(scale=(128, 48), keep_ratio=False)(results)


def test_padding_of_a_batch_is_invalid_everywhere(results):
    large = Resize(scale_factor=1.3, keep_ratio=True)(
        dict(results, seg_fields=list(results["seg_fields"]))
    )
    pack = PackMultiTaskInputs()
    samples = [pack(results), pack(large)]
    batch = MultiTaskDataPreProcessor(size=(128, 176))(
        {
            "inputs": [sample["inputs"] for sample in samples],
            "data_samples": [sample["data_samples"] for sample in samples],
        },
        training=True,
    )
    assert batch["inputs"].shape == (2, 3, 128, 176)
    for before, sample in zip((results, large), batch["data_samples"], strict=True):
        assert isinstance(sample, SegDataSample)
        height, width = before["img"].shape[:2]
        padding = torch.ones(128, 176, dtype=torch.bool)
        padding[:height, :width] = False
        assert (sample.gt_sem_seg.data[0][padding] == 255).all()
        assert (sample.gt_depth_map.data[0][padding] == 0).all()
        assert (sample.gt_normal_map.data[:, padding] == 0).all()
        distance, angle = surface_errors(
            sample.gt_sem_seg.data[0].numpy(),
            sample.gt_depth_map.data[0].numpy(),
            sample.gt_normal_map.data.permute(1, 2, 0).numpy(),
            np.asarray(sample.intrinsics),
            scale=sample.metainfo.get("depth_factor", 1.0),
        )
        assert len(distance) == height * width
        assert np.percentile(distance, 99) < 0.04
        assert np.percentile(angle, 98) < 3.0


@pytest.mark.parametrize("scale", [0.5, 1.37])
def test_normals_keep_their_length_and_invalid_pixels_stay_zero(results, scale):
    normals = results["gt_normal_map"] = results["gt_normal_map"].copy()
    normals[20:40, 30:50] = 0
    out = Resize(scale_factor=scale, keep_ratio=True)(results)
    length = np.linalg.norm(out["gt_normal_map"], axis=-1)
    invalid = length == 0
    np.testing.assert_allclose(length[~invalid], 1, atol=1e-5)
    assert invalid.sum() == pytest.approx(400 * scale**2, rel=0.1)
