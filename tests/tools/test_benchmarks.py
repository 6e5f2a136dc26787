"""Each benchmark's command on tiny sizes: that it runs and reports, never how fast."""

import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mmengine.config import Config
from networks import auxiliary, network_config
from room_folder import write_room
from scenes import CLASSES
from small_runs import CONFIGS, REPOSITORY

pytest.importorskip("psutil")


def write_config(folder: Path, name: str, **changes: Any) -> None:
    """A quarter-width network at 32x48 with what the commands ask of a config."""
    network = network_config(**changes)
    del network["data_preprocessor"]["size_divisor"]
    network["data_preprocessor"]["size"] = (32, 48)
    optimizer = {"type": "mmengine.SGD", "lr": 0.01}
    transforms = ("LoadImageFromFile", "LoadTargets", "PackMultiTaskInputs")
    content = {
        "default_scope": "mmaux",
        "model": network,
        "train_dataloader": {"batch_size": 2},
        "test_pipeline": [{"type": f"mmaux.{name}"} for name in transforms],
        "optim_wrapper": {"type": "mmengine.OptimWrapper", "optimizer": optimizer},
    }
    Config(content).dump(folder / f"{name}.py")


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> Callable[..., str]:
    """Run a command in ``tmp_path``, in this process; what it printed, errors if it failed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run_command(name: str, *arguments: str | Path, fails: bool = False) -> str:
        tool = str(REPOSITORY / "tools" / "benchmarks" / name)
        monkeypatch.setattr(sys, "argv", [tool, *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(tool, run_name="__main__")
        captured = capsys.readouterr()
        assert stopped.value.code == (2 if fails else 0), captured.err
        return captured.err if fails else captured.out

    return run_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_config(tmp_path, "joint")
    write_config(tmp_path, "auxi", auxiliary=auxiliary())
    return tmp_path


def report_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "report.json").read_text())


def test_train_step(folder: Path, run: Callable) -> None:
    arguments = ["--rounds", "2", "--memory-rounds", "1", "--device", "cpu", "--out", "report.json"]
    assert "over joint" in run("train_step.py", "joint.py", "auxi.py", *arguments)
    time, memory = report_of(folder)["comparisons"]
    assert (time["title"], memory["title"]) == ("a step", "peak memory")
    assert time["values"]["auxi"]["count"] == 2
    assert list(memory["ratios"]) == ["auxi"]
    assert memory["values"]["joint"]["median"] > 0
    assert report_of(folder)["settings"]["batch size"] == 2


def test_record_gradients(folder: Path, run: Callable) -> None:
    layers = ["--layers", "backbone.layer1", "backbone.layer6"]
    arguments = ["--rounds", "2", "--device", "cpu", "--out", "report.json", *layers]
    assert "added by the hook" in run("record_gradients.py", "auxi.py", *arguments)
    report = report_of(folder)
    (comparison,) = report["comparisons"]
    assert list(comparison["ratios"]) == ["hook waiting", "recorded"]
    # Three losses; for each of two layers four sizes and three cosines.
    assert report["details"]["over all steps"]["values a record"] == 3 + 2 * (4 + 3)
    slow, fast = (comparison["values"][k]["median"] for k in ("recorded", "plain"))
    assert slow > fast


def test_optimization(folder: Path, run: Callable) -> None:
    pytest.importorskip("torchjd")
    sizes = ["--batch-size", "2", "--size", "32x48", "--device", "cpu", "--out", "report.json"]
    methods = ["--methods", "parameters/UPGrad", "alternation of 2/*", "torchjd/seq*"]
    run("optimization.py", "auxi.py", *methods, *sizes, "--rounds", "2", "--memory-rounds", "0")
    report = report_of(folder)
    (kept,) = report["details"].values()
    assert kept["sum, M"] == 0  # without momentum
    comparisons = {c["title"]: c for c in report["comparisons"]}
    parameters = comparisons["auxi, T = 3: a step, parameters"]
    assert list(parameters["values"]) == ["sum", "parameters/UPGrad"]
    assert (parameters["theory"], parameters["aim"]) == ({"parameters/UPGrad": "2.33"}, 2.3)
    assert parameters["values"]["sum"]["count"] == 2
    assert comparisons["auxi, T = 3: a step, alternation of 2"]["aim"] == 2.1
    against = comparisons["auxi, T = 3: a step, ours against torchjd by hand"]
    assert against["reference"] == "torchjd/sequential"
    assert list(against["ratios"]) == ["parameters/UPGrad"]

    run("optimization.py", "auxi.py", "--methods", "features/MGDA", *sizes, "--rounds", "1")
    memory = report_of(folder)["comparisons"][-1]
    assert memory["title"] == "auxi, T = 3: peak memory"
    assert memory["values"]["features/MGDA"]["median"] > 0


def test_controllers(folder: Path, run: Callable) -> None:
    arguments = ["--seeds", "2", "--budget", "30", "--target", "0.99", "--workers", "1"]
    printed = run("controllers.py", *arguments, "--out", "report.json")
    assert "log-rank test against random" in printed
    report = report_of(folder)
    assert report["readings"] == {name: [30, 30] for name in ("random", "evolution", "ppo")}
    assert report["details"]["ppo"]["searches that reached the target"] == "0 of 2"


def test_inference(folder: Path, run: Callable) -> None:
    pytest.importorskip("onnxruntime")
    arguments = ["--rounds", "2", "--calls", "1", "--device", "cpu", "--out", "report.json"]
    arguments += ["--batch-sizes", "2", "--size", "32x48", "--singles", "joint.py", "--no-memory"]
    run("inference.py", "auxi.py", "joint.py", *arguments, "--forms", "fused", "ONNX*")
    report = report_of(folder)
    details = report["details"]
    assert "pred_depth_map" in details["equality"]["bit-equal, all three"]
    assert details["equality"]["largest deviation, eager"] == 0
    assert 0 < details["equality"]["largest deviation, ONNX Runtime"] < 1e-3
    comparisons = {c["title"]: c for c in report["comparisons"]}
    stripped = comparisons["test_step, batch 2"]
    assert set(stripped["ratios"]) == {"stripped", "trained, not stripped"}
    assert list(comparisons["network alone, batch 2"]["ratios"]) == ["fused", "ONNX Runtime"]
    assert comparisons["exported, batch 2"]["aim"] == 0.5
    pair = comparisons["one network over single-task ones, eager, batch 2"]
    assert (pair["reference"], pair["aim"]) == ("single-task, eager", 0.45)
    assert "peak memory, batch 2" not in comparisons


def test_data_pipeline(tmp_path: Path, run: Callable) -> None:
    write_room(tmp_path / "room")
    meta = {"depth_scale": 1000, "classes": list(CLASSES)}
    (tmp_path / "room" / "meta.json").write_text(json.dumps(meta))
    config = CONFIGS / "joint_all_mbv2_rooms.py"
    sizes = ["--rounds", "1", "--samples", "2", "--batch-size", "1", "--images", "2"]
    arguments = ["--data-root", "room", "--workers", "0", "1", "--out", "report.json", *sizes]
    assert "samples/s a worker" in run("data_pipeline.py", config, *arguments)
    report = report_of(tmp_path)
    assert [c["title"] for c in report["comparisons"]] == [
        "a sample (workers: 0)",
        "a sample (workers: 1)",
    ]
    assert report["settings"]["targets"] == "semseg, depth, normal"
    assert report["settings"]["images"] == 2
    assert set(report["details"]["mmaux, ms of reading a target's file"]) == {
        "semseg",
        "depth",
        "normal",
    }
    own = report["details"]["throughput (workers: 1)"]["mmaux, a worker's own memory, MiB"]
    assert own["median"] > 0


def test_memory_growth(tmp_path: Path, run: Callable) -> None:
    pytest.importorskip("embreex")
    arguments = ["--steps", "4", "--images", "4", "--interval", "1", "--size", "48x64"]
    printed = run("memory_growth.py", *arguments, "--out", "report.json")
    assert "slope, MiB per 1,000 steps" in printed
    readings = report_of(tmp_path)["readings"]
    assert [step for step, _ in readings["training (step, bytes)"]] == [1, 2, 3, 4]
    assert [image for image, _ in readings["evaluation (image, bytes)"]] == [1, 2, 3, 4]
    assert not (tmp_path / "work_dirs").exists()


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["train_step.py", "joint.py"], "error: give two configs at least"),
        (["train_step.py", "joint.py", "auxi.py", "--size", "big"], "error: size: found 'big'"),
        (["train_step.py", "joint.py", "absent.py"], "absent.py"),
        (["inference.py", "joint.py", "joint.py"], "has no auxiliary module to strip"),
        (["record_gradients.py", "joint.py", "--layers", "x"], "the model has no module 'x'"),
        (["optimization.py", "auxi.py", "--methods", "PCGrat"], "nothing is named 'PCGrat'"),
        (["record_gradients.py", "joint.py", "--interval", "1"], "--interval is at least 2"),
    ],
)
def test_errors_are_one_line(
    command: list[str], expected: str, folder: Path, run: Callable
) -> None:
    printed = run(*command, fails=True)
    assert expected in printed.splitlines()[-1]
    assert "Traceback" not in printed
