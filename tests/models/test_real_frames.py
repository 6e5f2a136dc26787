"""Real SUN RGB-D frames, where they lie beside the checkout: depth, but no labels."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from networks import CLASSES, auxiliary, build_network

from mmaux.datasets import MultiTaskFolderDataset

FRAMES = Path(__file__).parents[3] / "shared/data/sunrgbd_sample"
pytestmark = pytest.mark.skipif(not FRAMES.is_dir(), reason="no SUN RGB-D frames here")


def dataset(tmp_path, folder="depth_bfx", **changes):
    entries = []
    for scene in sorted(path for path in FRAMES.iterdir() if path.is_dir()):
        (image,) = (scene / "image").iterdir()
        (depth,) = (scene / folder).iterdir()
        matrix = np.array((scene / "intrinsics.txt").read_text().split(), float).reshape(3, 3)
        entries.append(
            {
                "img_path": str(image),
                "depth_map_path": str(depth),
                "intrinsics": matrix.tolist(),
            }
        )
    assert len(entries) == 2
    (tmp_path / "list.json").write_text(json.dumps({"data_list": entries}))
    settings = {
        "data_root": str(FRAMES),
        "ann_file": str(tmp_path / "list.json"),
        "targets": {
            "semseg": {},
            "depth": {"type": "mmaux.DepthTarget", "encoding": "sunrgbd", "max_depth": 8.0},
            "normal": {},
        },
        "metainfo": {"classes": tuple(f"class {i}" for i in range(CLASSES))},
        "allow_missing": ("semseg", "normal"),
        "pipeline": [
            {"type": "mmaux.LoadImageFromFile"},
            {"type": "mmaux.LoadTargets"},
            {"type": "mmaux.Resize", "scale_factor": 0.25, "keep_ratio": True},
            {"type": "mmaux.RandomCrop", "crop_size": (96, 96), "cat_max_ratio": 0.75},
            {"type": "mmaux.RandomFlip", "prob": 0.5},
            {"type": "mmaux.PackMultiTaskInputs"},
        ],
    }
    return MultiTaskFolderDataset(**{**settings, **changes})


@pytest.mark.parametrize("folder", ["depth", "depth_bfx"])
def test_they_load_as_partly_labelled_samples(tmp_path, folder):
    raw = dataset(tmp_path, folder)
    assert raw.count_targets() == {"semseg": 0, "depth": 2, "normal": 0}
    whole = [{"type": "mmaux.LoadImageFromFile"}, {"type": "mmaux.LoadTargets"}]
    for results in dataset(tmp_path, folder, pipeline=whole):
        depth = results["gt_depth_map"]
        assert results["seg_fields"] == ["gt_depth_map"]
        assert depth.shape == results["img"].shape[:2]
        measured = depth[depth > 0]
        assert measured.size > 0.5 * depth.size
        assert 0.5 < np.median(measured) < 8.0
        assert measured.max() <= 8.0
        # Neighbours agree nearly everywhere, as surfaces do and wrongly decoded bits do not.
        steps = np.abs(np.diff(depth, axis=1))[(depth[:, 1:] > 0) & (depth[:, :-1] > 0)]
        assert np.median(steps) < 0.02


def test_a_network_trains_a_step_on_them(tmp_path):
    data = pseudo_collate(list(dataset(tmp_path)))
    assert [list(s.keys()) for s in data["data_samples"]] == [["gt_depth_map"]] * 2
    network = build_network(auxiliary=auxiliary()).train()
    losses = network(**network.data_preprocessor(data, True), mode="loss")
    for task in ("semseg", "normal"):
        assert all(float(v) == 0 for k, v in losses.items() if k.startswith(task)), task
    assert 0.1 < losses["depth.loss_berhu"].item() < 20
    total, _ = network.parse_losses(losses)
    total.backward()
    before = network.backbone.conv1.conv.weight.detach().clone()
    torch.optim.SGD(network.parameters(), lr=0.1).step()
    assert not torch.equal(network.backbone.conv1.conv.weight, before)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
