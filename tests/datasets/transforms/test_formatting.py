import numpy as np
import pytest
import torch
from mmcv.transforms import to_tensor

from mmaux.datasets.targets import build_targets
from mmaux.datasets.transforms import PackMultiTaskInputs

RNG = np.random.default_rng(0)


@pytest.fixture
def results():
    return {
        "img_path": "x.png",
        "ori_shape": (8, 12),
        "img_shape": (4, 6),
        "flip": False,
        "depth_factor": 0.5,
        "intrinsics": np.eye(3),
        "private": 1,
        "img": RNG.integers(0, 256, (4, 6, 3), dtype=np.uint8),
        "targets": build_targets(("semseg", "depth", "normal")),
        "gt_seg_map": RNG.integers(0, 5, (4, 6)).astype(np.uint8),
        "gt_depth_map": RNG.random((4, 6)),
        "gt_normal_map": RNG.random((4, 6, 3)).astype(np.float32),
        "seg_fields": ["gt_seg_map", "gt_depth_map", "gt_normal_map"],
    }


def test_values_types_and_fill_values(results):
    packed = PackMultiTaskInputs()(results)
    assert torch.equal(packed["inputs"], to_tensor(results["img"].transpose(2, 0, 1).copy()))
    sample = packed["data_samples"]
    expected = {
        "gt_sem_seg": (results["gt_seg_map"][None], torch.int64, 255),
        "gt_depth_map": (results["gt_depth_map"][None], torch.float32, 0.0),
        "gt_normal_map": (results["gt_normal_map"].transpose(2, 0, 1), torch.float32, 0.0),
    }
    assert sorted(sample.keys()) == sorted(expected)
    for name, (array, dtype, fill) in expected.items():
        field = getattr(sample, name)
        assert field.data.dtype == dtype
        np.testing.assert_allclose(field.data, array, rtol=1e-6)
        assert field.metainfo["fill_value"] == fill


def test_meta_information(results):
    meta = PackMultiTaskInputs()(results)["data_samples"].metainfo
    assert meta["depth_factor"] == 0.5
    assert meta["ori_shape"] == (8, 12)
    np.testing.assert_array_equal(meta["intrinsics"], np.eye(3))
    assert "private" not in meta
    meta = PackMultiTaskInputs(meta_keys=("private",))(results)["data_samples"].metainfo
    assert meta == {"private": 1}


def test_a_target_that_was_not_loaded_is_absent(results):
    results["seg_fields"].remove("gt_depth_map")
    del results["gt_depth_map"]
    sample = PackMultiTaskInputs()(results)["data_samples"]
    assert sorted(sample.keys()) == ["gt_normal_map", "gt_sem_seg"]


def test_results_are_not_changed(results):
    before = {key: np.copy(value) for key, value in results.items() if key.startswith("gt_")}
    PackMultiTaskInputs()(results)
    for key, value in before.items():
        np.testing.assert_array_equal(results[key], value)
