"""Configs of other projects that build on ours, under our commands and under mmseg's own."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import mmseg
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.dataset import Compose
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from room_folder import write_room
from small_runs import CONFIGS, REPOSITORY, as_arguments, run_script, small_options

import mmaux.configs
from mmaux.models import MultiTaskEncoderDecoder, MultiTaskTTAModel
from mmaux.registry import MODELS
from mmaux.version import find_installed

MMSEG_TRAIN = Path(mmseg.__file__).parent / ".mim" / "tools" / "train.py"
EXPERIMENTS = [path.stem for path in sorted(CONFIGS.glob("*.py"))]
ALL = [path.relative_to(CONFIGS).with_suffix("").as_posix() for path in CONFIGS.rglob("*.py")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_room(folder / "room")
    return folder


def options_of(name: str, folder: Path) -> dict[str, Any]:
    return small_options(Config.fromfile(CONFIGS / f"{name}.py"), folder / "room")


# --- pure-python configs ----------------------------------------------------------------------


def test_every_config_is_importable() -> None:
    package = Path(mmaux.configs.__file__).parent
    modules = {p for p in package.rglob("*.py") if p.name != "__init__.py"}
    names = {p.relative_to(package).with_suffix("").as_posix() for p in modules}
    assert names == {f"{name}_config" for name in ALL}
    # Folders without it would be left out of a wheel.
    assert all((module.parent / "__init__.py").is_file() for module in modules)


@pytest.mark.parametrize("name", sorted(ALL))
def test_pure_python_config_equals_the_text_config(name: str, tmp_path: Path) -> None:
    module = f"mmaux.configs.{name.replace('/', '.')}_config"
    child = tmp_path / "child.py"
    child.write_text(
        "from mmengine.config import read_base\n\n"
        f"with read_base():\n    from {module} import *\n\nextra = 1\n"
    )
    config = Config.fromfile(child)
    expected = Config.fromfile(CONFIGS / f"{name}.py").to_dict()
    assert config.to_dict() == {**expected, "extra": 1}
    config.dump(tmp_path / "dumped.py")
    assert Config.fromfile(tmp_path / "dumped.py").to_dict() == config.to_dict()


def test_no_other_file_of_the_package_bears_a_config_s_name() -> None:
    """``mim train mmaux NAME.py`` refuses a name that the package holds twice."""
    package = Path(mmaux.configs.__file__).parents[1]
    others = {p.stem for p in package.rglob("*.py") if ".mim" not in p.parts}
    assert others.isdisjoint(EXPERIMENTS)


def test_unknown_text_config_is_named_with_the_known_ones() -> None:
    with pytest.raises(FileNotFoundError, match=r"typo\.py: no such config; .*joint_mbv2_nyud"):
        mmaux.configs.text_config("typo")


# --- under mmseg's own tool -------------------------------------------------------------------


MMSEG_CHILD = """
_base_ = ['mmseg::_base_/models/fcn_unet_s5-d16.py', 'mmseg::_base_/default_runtime.py']

decoder = dict(
    type='mmseg.FCNHead', in_channels=80, in_index=3, channels=16, num_convs=1, concat_input=False,
    norm_cfg=dict(type='BN'))
model = dict(
    _delete_=True,
    type='mmaux.MultiTaskEncoderDecoder',
    data_preprocessor=dict(
        type='mmaux.MultiTaskDataPreProcessor', mean=[127.5] * 3, std=[127.5] * 3,
        bgr_to_rgb=True, size=(96, 128)),
    backbone=dict(
        type='MobileNetV2', widen_factor=0.25, strides=(1, 2, 2, 1, 1, 1, 1),
        dilations=(1, 1, 1, 2, 2, 4, 4), out_indices=(1, 2, 4, 6), norm_cfg=dict(type='BN')),
    heads=dict(
        semseg=dict(type='mmaux.SemSegHead', num_classes=5, decoder=decoder),
        depth=dict(type='mmaux.DepthHead', decoder=decoder)),
    auxiliary=dict(
        type='mmaux.AuxiliaryModule', taps=('backbone.0', 'backbone.1', 'backbone.2', 'backbone.3'),
        in_channels=(8, 8, 24, 80), architecture=dict(), channels=16))
dataset = dict(
    type='mmaux.MultiTaskFolderDataset', data_root='room',
    targets=dict(semseg=dict(), depth=dict()),
    metainfo=dict(classes=('floor', 'back wall', 'side wall', 'ball', 'box')),
    pipeline=[
        dict(type='mmaux.LoadImageFromFile'), dict(type='mmaux.LoadTargets'),
        dict(type='mmaux.RandomFlip', prob=0.5), dict(type='mmaux.PackMultiTaskInputs')])
train_dataloader = dict(
    batch_size=2, num_workers=0, sampler=dict(type='InfiniteSampler'), dataset=dataset)
val_dataloader = dict(
    batch_size=1, num_workers=0, sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dataset)
val_evaluator = [dict(type='mmaux.SemSegMetric'), dict(type='mmaux.DepthMetric')]
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01))
train_cfg = dict(type='IterBasedTrainLoop', max_iters=1, val_interval=1)
val_cfg = dict(type='ValLoop')
default_hooks = dict(logger=dict(type='LoggerHook', interval=1, log_metric_by_epoch=False))
"""


@pytest.mark.skipif(
    find_installed("mmsegmentation") is None,
    reason="OneDL's mmengine looks for a distribution mmsegmentation until mmaux is imported",
)
def test_text_config_of_mmseg_with_our_types(folder: Path) -> None:
    """Bare names are mmseg's there; nothing imports mmaux before its types are met."""
    (folder / "theirs.py").write_text(MMSEG_CHILD)
    printed = run_script(MMSEG_TRAIN, "theirs.py", cwd=folder)
    for name in ("semseg/mIoU: ", "depth/rmse: ", "depth.aux.loss"):
        assert name in printed


# --- under other default scopes ---------------------------------------------------------------


SCOPES = ("mmseg", "mmpretrain", "mmaux")
UNDER_ALL = (
    "auxi_all_mbv2_ushape_sunrgbd",
    "auxi_both_mbv2_nyud",
    "auxi_nas_r50_ocnet_rooms",
    "deep_depth_mbv2_rooms",
    "joint_scene_mbv2_rooms",
    "kendall_mbv2_nyud",
)
# Every config under one scope in turn, one of each kind under all: that all types carry their
# scopes is tested with the configs.
CASES = sorted(
    {(name, SCOPES[index % len(SCOPES)]) for index, name in enumerate(EXPERIMENTS)}
    | {(name, scope) for name in UNDER_ALL for scope in SCOPES}
)


@pytest.mark.parametrize(("name", "scope"), CASES)
def test_inherited_config_builds_under_any_scope(
    name: str, scope: str, folder: Path, tmp_path: Path
) -> None:
    child = tmp_path / "child.py"
    child.write_text(f"_base_ = 'mmaux::{name}.py'\ndefault_scope = {scope!r}\n")
    config = Config.fromfile(child)
    config.merge_from_dict(options_of(name, folder))
    config.work_dir = str(tmp_path)
    config.experiment_name = f"downstream_{scope}_{name}"
    runner = Runner.from_cfg(config)
    assert DefaultScope.get_current_instance().scope_name == scope
    assert isinstance(runner.model, MultiTaskEncoderDecoder)
    for loader, evaluator in (("train", None), ("val", "val"), ("test", "test")):
        built = runner.build_dataloader(config[f"{loader}_dataloader"])
        sample = built.dataset[0]
        assert set(sample) == {"inputs", "data_samples"}
        if evaluator is not None:
            metrics = runner.build_evaluator(config[f"{evaluator}_evaluator"]).metrics
            assert len(metrics) == len(runner.model.heads)
    runner.build_optim_wrapper(config.optim_wrapper)
    runner.build_train_loop(config.train_cfg)
    Compose(config.tta_pipeline)
    tta = MODELS.build({**config.tta_model, "module": runner.model})
    assert isinstance(tta, MultiTaskTTAModel)


# --- mim, from an installed wheel -------------------------------------------------------------


def run_checked(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


@pytest.fixture(scope="module")
def mim_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with our wheel and mim; the rest comes from the running one."""
    folder = tmp_path_factory.mktemp("mim")
    run_checked(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    site = run_checked(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    ).strip()
    outer = [path for path in sys.path if path.endswith("site-packages")]
    (Path(site) / "outer.pth").write_text("\n".join(outer) + "\n")
    wheels = folder / "wheels"
    build = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation")
    run_checked(*build, "--wheel-dir", wheels, REPOSITORY, cwd=folder)
    (wheel,) = wheels.glob("mmaux-*.whl")
    install = (python, "-m", "pip", "install")
    run_checked(*install, "--no-deps", "--force-reinstall", wheel, cwd=folder)
    if importlib.util.find_spec("mim") is None:
        requirements = REPOSITORY / "tools" / "environment" / "mim_requirements.txt"
        run_checked(*install, "--no-deps", "openmim==0.3.9", cwd=folder)
        run_checked(*install, "-r", requirements, cwd=folder)
    return python


def test_mim_trains_and_tests_the_installed_wheel(mim_environment: Path, folder: Path) -> None:
    name = "auxi_both_mbv2_nyud"
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    env["PATH"] = f"{mim_environment.parent}{os.pathsep}{env['PATH']}"
    where = run_checked(
        mim_environment, "-c", "import mmaux; print(mmaux.__file__)", cwd=folder, env=env
    )
    assert str(REPOSITORY) not in where
    arguments = as_arguments(options_of(name, folder))
    mim = (mim_environment, "-c", "from mim.cli import cli; cli()")
    away = folder / "away"
    away.mkdir()
    out = run_checked(
        *mim, "train", "mmaux", f"{name}.py", "--gpus", "0", "--work-dir", away, *arguments,
        cwd=folder, env=env,
    )  # fmt: skip
    assert "semseg/mIoU: " in out
    checkpoint = away / "iter_1.pth"
    assert checkpoint.is_file()
    out = run_checked(
        *mim, "test", "mmaux", f"{name}.py", "--checkpoint", checkpoint, "--gpus", "0",
        "--work-dir", away / "test", *arguments, cwd=folder, env=env,
    )  # fmt: skip
    assert "depth/rmse: " in out

    run_checked(*mim, "search", "mmaux", "--json", "found.json", cwd=folder, env=env)
    found = json.loads((folder / "found.json").read_text())
    assert set(EXPERIMENTS) == set(found["config"])
    config = CONFIGS / "joint_mbv2_nyud.py"
    out = run_checked(*mim, "run", "mmaux", "count_parameters", config, cwd=folder, env=env)
    assert "joint_mbv2_nyud" in out
    cv2.imwrite(str(folder / "kitchen.jpg"), np.full((96, 128, 3), 99, np.uint8))
    infer = (*mim, "run", "mmaux", "infer")
    out = run_checked(*infer, f"mmaux::{name}.py", checkpoint, "kitchen.jpg", cwd=folder, env=env)
    assert "predicted 1 of 1 images into predictions" in out
    out = run_checked(*infer, "--", "--help", cwd=folder, env=env)
    assert "usage: infer.py (CONFIG CHECKPOINT | EXPORTED) INPUT" in out


def test_pure_python_config_under_mmseg(mim_environment: Path, folder: Path) -> None:
    """mmengine looks for the bases in site-packages: not with an editable install."""
    (folder / "pure.py").write_text(
        "from mmengine.config import read_base\n"
        "from torch.optim import AdamW\n\n"
        "with read_base():\n"
        "    from mmaux.configs.auxi_both_mbv2_nyud_config import *\n\n"
        "model.update(dict(auxiliary=dict(channels=32)))\n"
        "optim_wrapper.optimizer = dict(type=AdamW, lr=1e-3)\n"
    )
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    arguments = as_arguments(options_of("auxi_both_mbv2_nyud", folder))
    train = (mim_environment, MMSEG_TRAIN, "pure.py")
    out = run_checked(*train, *arguments, cwd=folder, env=env)
    assert "semseg/mIoU: " in out
    assert "semseg.aux.loss" in out
    dumped = Config.fromfile(folder / "work_dirs" / "pure" / "pure.py")
    assert dumped.model.auxiliary.channels == 32
    resumed = [a.replace("max_iters=1", "max_iters=2") for a in arguments]
    out = run_checked(*train, "--resume", *resumed, cwd=folder, env=env)
    assert "Iter(train) [2/2]" in out
