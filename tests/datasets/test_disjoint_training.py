"""Two data sets labelled for different tasks, trained on together."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from folders import room_config, write_png, write_room
from mmengine.config import Config
from mmengine.dataset import ConcatDataset, pseudo_collate
from mmengine.runner import Runner
from networks import auxiliary, build_network, network_config
from torch import Tensor, nn

from mmaux.registry import DATASETS

TYPE = {"type": "mmaux.MultiTaskFolderDataset"}
LABELLED, MEASURED = (0, 1), (2, 3)
"""Places of the two sets' samples in the concatenation."""


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    """Two samples with labels only, two with depth only; unequal numbers of valid pixels."""
    labelled, measured = tmp_path / "labelled", tmp_path / "measured"
    scene = write_room(labelled, "a", "b")
    write_room(measured, "c", "d")
    labels = scene.labels.copy()
    labels[10:] = 255
    write_png(labelled / "label/b.png", labels)
    depth = np.rint(scene.depth * 1000).astype(np.uint16)
    depth[:, :40] = 0
    write_png(measured / "depth/d.png", depth)
    for root, number in ((labelled, 3), (measured, 7)):  # other pictures
        rng = np.random.default_rng(number)
        for file in sorted((root / "image").iterdir()):
            write_png(file, rng.integers(0, 256, (48, 64, 3), dtype=np.uint8))
    return labelled, measured


def joined_config(roots: tuple[Path, Path]) -> dict[str, Any]:
    parts = [
        {**TYPE, **room_config(root, task)}
        for root, task in zip(roots, ("semseg", "depth"), strict=True)
    ]
    return {"type": "mmengine.ConcatDataset", "datasets": parts}


@pytest.fixture
def joined(roots: tuple[Path, Path]) -> ConcatDataset:
    dataset = DATASETS.build(joined_config(roots))
    assert isinstance(dataset, ConcatDataset)
    assert len(dataset) == 4
    return dataset


@pytest.fixture
def network() -> nn.Module:
    """Both tasks with auxiliary chains. Batch statistics are fixed: they would mix the samples."""
    built = build_network("semseg", "depth", auxiliary=auxiliary()).train()
    for module in built.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    return built


def losses_of(network: nn.Module, joined: ConcatDataset, *places: int) -> dict[str, Tensor]:
    batch = network.data_preprocessor(pseudo_collate([joined[i] for i in places]), training=True)
    return network(**batch, mode="loss")


def gradients_of(network: nn.Module, joined: ConcatDataset, *places: int) -> dict[str, Tensor]:
    network.zero_grad()
    losses = losses_of(network, joined, *places)
    sum(value for name, value in losses.items() if "loss" in name).backward()
    return {name: parameter.grad.clone() for name, parameter in network.named_parameters()}


def part_of(gradients: dict[str, Tensor], *words: str) -> dict[str, Tensor]:
    chosen = {
        name: value for name, value in gradients.items() if any(word in name for word in words)
    }
    assert chosen
    return chosen


SEMSEG = ("heads.semseg.", "cells.semseg_")
DEPTH = ("heads.depth.", "cells.depth_")


def assert_equal(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, value in found.items():
        assert expected[name].abs().max() > 0, name
        torch.testing.assert_close(value, expected[name], rtol=1e-4, atol=1e-7, msg=name)


def test_each_head_learns_from_its_own_set_alone(network: nn.Module, joined) -> None:
    both = gradients_of(network, joined, *LABELLED, *MEASURED)
    labelled = gradients_of(network, joined, *LABELLED)
    measured = gradients_of(network, joined, *MEASURED)
    assert_equal(part_of(both, *SEMSEG), part_of(labelled, *SEMSEG))
    assert_equal(part_of(both, *DEPTH), part_of(measured, *DEPTH))
    assert all(not value.any() for value in part_of(labelled, *DEPTH).values())
    assert all(not value.any() for value in part_of(measured, *SEMSEG).values())


def test_shared_layers_get_both(network: nn.Module, joined) -> None:
    both = gradients_of(network, joined, *LABELLED, *MEASURED)
    labelled = gradients_of(network, joined, *LABELLED)
    measured = gradients_of(network, joined, *MEASURED)
    total = {name: labelled[name] + measured[name] for name in both}
    shared = part_of(both, "backbone.")
    assert_equal(shared, part_of(total, "backbone."))
    for alone in (labelled, measured):
        assert any(not torch.allclose(value, alone[name]) for name, value in shared.items())


def test_losses_are_means_over_the_valid_pixels(network: nn.Module, joined) -> None:
    with torch.no_grad():
        both = losses_of(network, joined, *LABELLED, *MEASURED)
        alone = [losses_of(network, joined, place) for place in range(4)]
    # a: 48 rows of labels, b: 10. c: 64 columns of depth, d: 24.
    expected = (48 * alone[0]["semseg.loss_ce"] + 10 * alone[1]["semseg.loss_ce"]) / 58
    torch.testing.assert_close(both["semseg.loss_ce"], expected)
    assert alone[2]["semseg.loss_ce"] == alone[0]["depth.loss_berhu"] == 0


def test_the_loss_of_segmentation_by_hand(network: nn.Module, joined) -> None:
    batch = network.data_preprocessor(pseudo_collate([joined[i] for i in (0, 1, 2)]), training=True)
    with torch.no_grad():
        raw = network(batch["inputs"], mode="tensor")["semseg"]
        logits = F.interpolate(raw, batch["inputs"].shape[-2:], mode="bilinear")
        total = network(**batch, mode="loss")["semseg.loss_ce"]
    labels = torch.cat([s.gt_sem_seg.data for s in batch["data_samples"][:2]])
    expected = F.cross_entropy(logits[:2], labels, ignore_index=255)
    torch.testing.assert_close(total, expected)


def test_the_order_in_the_batch_does_not_matter(network: nn.Module, joined) -> None:
    first = gradients_of(network, joined, 0, 1, 2, 3)
    for name, value in gradients_of(network, joined, 3, 1, 0, 2).items():
        torch.testing.assert_close(value, first[name], rtol=1e-4, atol=1e-6, msg=name)


def run(config: dict[str, Any], work_dir: Path) -> Runner:
    config = Config(
        {
            "default_scope": "mmaux",
            "model": network_config("semseg", "depth"),
            "train_dataloader": {
                "batch_size": 4,
                "num_workers": 0,
                "sampler": {"type": "mmengine.InfiniteSampler", "shuffle": True},
                "dataset": config,
            },
            "train_cfg": {"type": "mmengine.IterBasedTrainLoop", "max_iters": 1},
            "optim_wrapper": {"optimizer": {"type": "SGD", "lr": 0.1}},
            "custom_hooks": [{"type": "mmaux.TaskDataCheckHook"}],
            "work_dir": str(work_dir),
            "experiment_name": work_dir.name,
        }
    )
    return Runner.from_cfg(config)


def test_a_runner_trains_both_heads(roots: tuple[Path, Path], tmp_path: Path) -> None:
    runner = run(joined_config(roots), tmp_path / "disjoint")
    runner.model.init_weights()
    before = {name: value.clone() for name, value in runner.model.named_parameters()}
    runner.train()
    for name, value in runner.model.named_parameters():
        if name.startswith(("backbone.conv1.conv", "heads.")) and "weight" in name:
            assert not torch.equal(value, before[name]), name


def test_a_head_that_neither_set_teaches_is_refused(roots, tmp_path: Path) -> None:
    config = joined_config(roots)
    config["datasets"][1]["targets"] = ("normal",)
    with pytest.raises(ValueError, match=r"heads\.depth: no training sample has a depth target"):
        run(config, tmp_path / "untaught").train()
