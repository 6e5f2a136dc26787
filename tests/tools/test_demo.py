"""The demo in a tiny form: two iterations on six small rooms."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest
from small_runs import REPOSITORY

from mmaux.experiments import read_result
from mmaux.experiments.demo_report import make_report

pytest.importorskip("embreex")

TINY = ["--train", "4", "--test", "2", "--size", "48x64", "--cfg-options"]
TINY += ["train_cfg.max_iters=2", "train_cfg.val_interval=2", "train_dataloader.batch_size=2"]
for split in ("train", "val", "test"):
    TINY += [f"{split}_dataloader.num_workers=0", f"{split}_dataloader.persistent_workers=False"]
TINY += ["default_hooks.checkpoint.interval=1"]


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "tools" / "demo.py"), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "150"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def demo(folder: Path, *arguments: str) -> tuple[int, str]:
    with start(folder, *arguments) as process:
        output, _ = process.communicate(timeout=600)
    return process.returncode, output


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, str]:
    """Killed once after the images were rendered, then called again to its end."""
    folder = tmp_path_factory.mktemp("user")
    out = folder / "work_dirs" / "demo"
    with start(folder, *TINY) as process:
        deadline = time.monotonic() + 300
        while not (out / "constant.json").is_file() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (out / "report.json").exists()
    status, output = demo(folder, *TINY)
    return out, status, output


def test_the_table_shows_what_was_measured(finished: tuple[Path, int, str]) -> None:
    out, status, output = finished
    report = json.loads((out / "report.json").read_text())
    measured = {
        name: json.loads((out / name / "result.json").read_text())["metrics"]
        for name in ("joint", "auxi_all")
    }
    measured["constant"] = json.loads((out / "constant.json").read_text())
    assert report["metrics"] == measured
    for name, metrics in measured.items():
        row = next(line for line in output.splitlines() if line.startswith(f"│ {name} "))
        cells = [cell.strip() for cell in row.strip("│").split("│")]
        assert cells[1:6] == [
            f"{metrics['semseg/mIoU']:.2f}",
            f"{metrics['semseg/aAcc']:.2f}",
            f"{metrics['depth/abs_rel']:.3f}",
            f"{metrics['depth/rmse']:.3f}",
            f"{metrics['normal/mean']:.2f}",
        ]
    results = {name: read_result(out / name) for name in ("joint", "auxi_all")}
    assert report == make_report(measured["constant"], results).to_dict()
    assert ("too little was learnt" in output) == (status == 1)
    assert status in (0, 1), output


def test_the_second_network_was_stripped(finished: tuple[Path, int, str]) -> None:
    result = json.loads((finished[0] / "auxi_all" / "result.json").read_text())
    assert "auxiliary" not in Path(finished[0], "auxi_all", result["config"]).read_text()


def test_the_panel_shows_truth_and_both_networks(finished: tuple[Path, int, str]) -> None:
    picture = cv2.imread(str(finished[0] / "panel.png"))
    assert picture.shape[0] > 2 * 3 * 180, "two samples of three rows"
    assert picture.shape[1] > 4 * 256, "the image and three tasks"


def test_called_again_it_repeats_nothing(finished: tuple[Path, int, str]) -> None:
    out, status, output = finished
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.pth")}
    again = demo(out.parents[1], *TINY)
    assert again[0] == status
    assert "joint: trained and tested before" in again[1]
    assert "training joint" not in again[1]
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.pth")} == before
    table = [line for line in output.splitlines() if line.startswith("│")]
    assert [line for line in again[1].splitlines() if line.startswith("│")] == table


def test_a_folder_of_other_settings_is_refused(finished: tuple[Path, int, str]) -> None:
    status, output = demo(finished[0].parents[1], "--train", "5", *TINY[2:])
    assert status == 2
    assert "holds a demo of other settings: train 4 (now 5)" in output
    assert "Traceback" not in output


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    status, output = demo(tmp_path, "--out", "taken")
    assert status == 2
    assert "'taken' is a file" in output
