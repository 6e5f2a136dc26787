"""Worst images and confusion matrix of a tiny network."""

import csv
from pathlib import Path

import cv2
import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, network_config
from room_folder import dataset_config, pipeline, write_room
from scenes import CLASSES
from small_runs import run_tool
from trained_network import network_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("errors")
    write_room(folder / "room")
    test = dataset_config(folder / "room", "test", pipeline=pipeline(), test_mode=True)
    content = {
        "default_scope": "mmaux",
        "model": network_config(auxiliary=auxiliary()),
        "test_dataloader": {"dataset": test},
        "test_evaluator": [{"type": "mmaux.SemSegMetric"}, {"type": "mmaux.DepthMetric"}],
    }
    Config(content).dump(folder / "tiny.py")
    network = network_of("baseline", auxiliary=auxiliary())
    torch.save({"state_dict": network.state_dict()}, folder / "iter_9.pth")
    return folder


def test_worst_images(folder: Path) -> None:
    arguments = ["tiny.py", "iter_9.pth", "--task", "depth", "--count", "1", "--device", "cpu"]
    done = run_tool("analysis/worst_images.py", *arguments, "--csv", "all.csv", cwd=folder)
    rows = list(csv.DictReader((folder / "all.csv").open()))
    assert len(rows) == 2
    worst = max(rows, key=lambda row: float(row["depth/rmse"]))
    assert f"depth/rmse {float(worst['depth/rmse']):.4g}  {worst['image']}" in done.stdout
    assert cv2.imread(str(folder / "worst.png")).std() > 20
    arguments = ["tiny.py", "iter_9.pth", "--task", "normal", "--device", "cpu"]
    done = run_tool("analysis/worst_images.py", *arguments, cwd=folder, fails=True)
    assert "error: --task: the config's test_evaluator measures semseg, depth, found 'nor" in (
        done.stdout
    )


def test_confusion_matrix(folder: Path) -> None:
    arguments = ["tiny.py", "iter_9.pth", "--device", "cpu", "--csv", "counts.csv"]
    run_tool("analysis/confusion_matrix.py", *arguments, cwd=folder)
    head, *rows = csv.reader((folder / "counts.csv").open())
    assert head[1:] == list(CLASSES) == [row[0] for row in rows]
    labels = [
        cv2.imread(str(folder / "room" / "label" / f"{stem}.png"), -1)
        for stem in (folder / "room" / "splits" / "test.txt").read_text().split()
    ]
    assert len(labels) == 2
    for index, row in enumerate(rows):
        assert sum(map(int, row[1:])) == sum(int((label == index).sum()) for label in labels)
    assert cv2.imread(str(folder / "confusion.png")).std() > 20
