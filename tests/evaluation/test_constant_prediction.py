"""Constants over four hand-written pixels an image."""

from pathlib import Path

import numpy as np
import pytest
import torch
from folders import write_png
from mmengine.registry import init_default_scope

from mmaux.datasets import MultiTaskFolderDataset
from mmaux.evaluation import (
    DepthMetric,
    NormalMetric,
    SemSegMetric,
    best_constants,
    evaluate_constants,
)
from mmaux.evaluation.streaming_metric import StreamingMetric

CLASSES = ("floor", "wall", "chair")


def write_sample(root: Path, stem: str, *, labels: list, metres: list, normals: list) -> None:
    """Four pixels as a 2x2 image."""
    write_png(root / f"image/{stem}.png", np.zeros((2, 2, 3), np.uint8))
    write_png(root / f"label/{stem}.png", np.array(labels, np.uint8).reshape(2, 2))
    depth = np.array(metres).reshape(2, 2) * 1000
    write_png(root / f"depth/{stem}.png", depth.astype(np.uint16))
    vectors = np.array(normals, np.float64).reshape(2, 2, 3)
    np.save(root / "normal" / f"{stem}.npy", vectors.astype(np.float32))


def dataset(root: Path, split: str, *stems: str) -> MultiTaskFolderDataset:
    init_default_scope("mmaux")
    (root / f"{split}.txt").write_text("".join(f"{stem}\n" for stem in stems))
    return MultiTaskFolderDataset(
        data_root=str(root),
        ann_file=f"{split}.txt",
        targets=("semseg", "depth", "normal"),
        metainfo={"classes": CLASSES},
        pipeline=[],
        allow_missing=True,
    )


X, Y, Z, NONE = (1, 0, 0), (0, 1, 0), (0, 0, -1), (0, 0, 0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "normal").mkdir()
    # Two floors, three walls, three unlabelled. 2 + 4 + 1 + 3 + 5 = 15 m over 5 pixels in range: 0
    # is no measurement and 12 m is beyond it. Normals: 3 x and 3 y, two invalid.
    write_sample(
        tmp_path, "a", labels=[0, 0, 1, 255], metres=[2, 4, 0, 12], normals=[X, X, X, NONE]
    )
    write_sample(
        tmp_path, "b", labels=[1, 1, 255, 255], metres=[1, 3, 5, 0], normals=[Y, Y, Y, NONE]
    )
    # Walls in 2 of 4 pixels, errors of depth 3, 0, 0 and -4 m.
    write_sample(tmp_path, "c", labels=[1, 1, 2, 0], metres=[6, 3, 3, 7], normals=[X, Y, Z, NONE])
    return tmp_path


def metrics() -> list[StreamingMetric]:
    return [SemSegMetric(), DepthMetric(), NormalMetric()]


def test_constants_and_their_metrics_by_hand(root: Path) -> None:
    seen = []
    used = metrics()
    constants = best_constants(
        dataset(root, "train", "a", "b"), used, on_sample=lambda: seen.append(0)
    )
    assert len(seen) == 2
    assert constants["gt_sem_seg"].tolist() == [1]
    assert constants["gt_depth_map"].tolist() == pytest.approx([3.0])
    assert constants["gt_normal_map"].tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0])

    results = evaluate_constants(constants, dataset(root, "test", "c"), used)
    assert results["semseg/aAcc"] == 50.0
    assert results["semseg/mIoU"] == pytest.approx(100 * (0 + 2 / 4 + 0) / 3, abs=0.01)
    assert results["depth/rmse"] == pytest.approx(((9 + 16) / 4) ** 0.5)
    assert results["depth/abs_rel"] == pytest.approx((3 / 6 + 4 / 7) / 4)
    assert results["normal/mean"] == pytest.approx((45 + 45 + 90) / 3)


def test_no_other_constant_has_a_smaller_rmse_or_more_pixels_right(root: Path) -> None:
    train = dataset(root, "train", "a", "b")
    used = metrics()
    constants = best_constants(train, used)
    best = evaluate_constants(constants, train, used)
    for shift in (-0.5, -0.01, 0.01, 0.5):
        shifted = {**constants, "gt_depth_map": constants["gt_depth_map"] + shift}
        assert evaluate_constants(shifted, train, used)["depth/rmse"] > best["depth/rmse"]
    for other in (0, 2):
        swapped = {**constants, "gt_sem_seg": torch.tensor([other])}
        assert evaluate_constants(swapped, train, used)["semseg/aAcc"] < best["semseg/aAcc"]


def test_a_metric_with_another_range_has_another_mean(root: Path) -> None:
    constants = best_constants(dataset(root, "train", "a", "b"), [DepthMetric(max_depth=4.5)])
    assert constants["gt_depth_map"].item() == pytest.approx((2 + 4 + 1 + 3) / 4)


def test_samples_without_a_target_do_not_count(root: Path) -> None:
    (root / "depth" / "a.png").unlink()
    constants = best_constants(dataset(root, "train", "a", "b"), [DepthMetric()])
    assert constants["gt_depth_map"].item() == pytest.approx((1 + 3 + 5) / 3)
    results = evaluate_constants(constants, dataset(root, "test", "a", "c"), [DepthMetric()])
    assert results["depth/rmse"] == pytest.approx(((9 + 16) / 4) ** 0.5)


def test_no_valid_pixel_and_an_unknown_metric_are_named(root: Path) -> None:
    with pytest.raises(ValueError, match=r"train\.txt: no valid pixel of gt_depth_map in 1 "):
        best_constants(dataset(root, "train", "a"), [DepthMetric(max_depth=0.5)])

    class EdgeMetric(NormalMetric.__base__):
        target_field = "gt_edge_map"
        metric_names = initial_state = image_statistics = compute_metrics = None

    with pytest.raises(ValueError, match="no constant prediction is defined for EdgeMetric"):
        best_constants(dataset(root, "train", "a"), [EdgeMetric()])
