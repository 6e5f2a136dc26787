"""Training, resuming and testing by the commands, from a config in another folder."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from room_folder import TEST, write_room
from small_runs import CONFIGS, as_arguments, run_tool, small_options

NAME = "auxi_all_mbv2_nyud"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder with data and a config that inherits ours by name."""
    folder = tmp_path_factory.mktemp("project")
    write_room(folder / "room")
    (folder / "mine.py").write_text(f"_base_ = 'mmaux::{NAME}.py'\nmodel = dict(test_cfg=dict())\n")
    return folder


@pytest.fixture(scope="module")
def options(folder: Path) -> list[str]:
    config = Config.fromfile(CONFIGS / f"{NAME}.py")
    return as_arguments(small_options(config, folder / "room"))


@pytest.fixture(scope="module")
def trained(folder: Path, options: list[str]) -> Path:
    """The work folder after one iteration, in the place that mmseg's tools would take."""
    done = run_tool("train.py", "mine.py", *options, cwd=folder)
    work = folder / "work_dirs" / "mine"
    assert (work / "iter_1.pth").is_file()
    assert "Training samples with targets: semseg 3, depth 3, normal 3." in done.stdout
    for name in ("semseg/mIoU", "depth/rmse", "normal/mean"):
        assert f"{name}: " in done.stdout
    return work


def test_dumped_config_stands_alone(trained: Path) -> None:
    config = Config.fromfile(trained / "mine.py")
    assert config.model.type == "mmaux.MultiTaskEncoderDecoder"
    assert config.model.auxiliary.type == "mmaux.AuxiliaryModule"


def test_resume_continues_after_the_last_checkpoint(
    folder: Path, trained: Path, options: list[str]
) -> None:
    more = [o.replace("max_iters=1", "max_iters=2") for o in options]
    done = run_tool("train.py", "mine.py", "--resume", *more, cwd=folder)
    assert "Iter(train) [2/2]" in done.stdout
    assert "Iter(train) [1/2]" not in done.stdout
    saved = torch.load(trained / "iter_2.pth", weights_only=False)
    assert saved["meta"]["iter"] == 2


def test_dry_run_prints_the_cost_and_writes_nothing(folder: Path, options: list[str]) -> None:
    done = run_tool("train.py", "mine.py", "--dry-run", "--work-dir", "dry", *options, cwd=folder)
    for line in (
        "parameters, as deployed",
        "parameters, in training",
        "peak memory",
        "estimated training time",
    ):
        assert line in done.stdout
    assert list((folder / "dry").rglob("*")) == []


def test_testing_with_flips_draws_panels(folder: Path, trained: Path, options: list[str]) -> None:
    """Without the training data, which testing must not ask for."""
    options = [*options, "train_dataloader.dataset.data_root=nowhere"]
    before = (trained / "mine.py").read_text()
    arguments = ["--tta", "--show-dir", "panels"]
    done = run_tool("test.py", "mine.py", trained / "iter_1.pth", *arguments, *options, cwd=folder)
    for name in ("semseg/mIoU", "depth/rmse", "normal/mean"):
        assert f"{name}: " in done.stdout
    panels = sorted(path.name for path in (folder / "panels").rglob("*.png"))
    assert len(panels) == len(TEST), panels
    assert (trained / "mine.py").read_text() == before, "the training's config is still there"
    assert "train_dataloader" not in Config.fromfile(trained / "mine_test.py")


def test_checkpoint_of_another_architecture(
    folder: Path, trained: Path, options: list[str]
) -> None:
    state = torch.load(trained / "iter_1.pth", weights_only=False)["state_dict"]
    for name in [n for n in state if n.startswith("backbone.")]:
        state[name] = torch.zeros(7, 7)
    torch.save({"state_dict": state}, folder / "other.pth")
    done = run_tool("test.py", "mine.py", "other.pth", *options, cwd=folder, fails=True)
    last = done.stdout[done.stdout.index("ValueError") :]
    assert "'other.pth' holds a `backbone` of another architecture" in last
    assert "Use the config that the checkpoint was trained with" in last


def test_absent_config(folder: Path) -> None:
    done = run_tool("train.py", "absent.py", cwd=folder, fails=True)
    assert "absent.py" in done.stdout.splitlines()[-1]


def test_misspelt_base_is_named(folder: Path) -> None:
    (folder / "typo.py").write_text("_base_ = 'mmaux::auxi_bth_mbv2_nyud.py'\n")
    done = run_tool("train.py", "typo.py", cwd=folder, fails=True)
    assert "auxi_bth_mbv2_nyud.py" in done.stdout.splitlines()[-1]
