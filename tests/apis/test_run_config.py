import argparse
import os
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import OptimWrapper

from mmaux.apis import (
    add_common_arguments,
    apply_amp,
    apply_resume,
    apply_tta,
    apply_visualization,
    check_load_from,
    check_tasks_and_data,
    load_run_config,
    run_config,
)
from mmaux.utils.checkpoint_files import point_to


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    (tmp_path / "tiny.py").write_text(
        "model = dict(type='mmaux.X', depth=3)\nlr = 0.1\nsizes = [1, 2]\n"
    )
    (tmp_path / "homed.py").write_text("_base_ = 'tiny.py'\nwork_dir = 'from_config'\n")
    yield tmp_path
    os.environ.pop("LOCAL_RANK", None)


def load(*words):
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    add_common_arguments(parser)
    return load_run_config(parser.parse_args(list(words)))


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (("tiny.py",), "work_dirs/tiny"),
        (("homed.py",), "from_config"),
        (("homed.py", "--cfg-options", "work_dir=from_options"), "from_options"),
        (("homed.py", "--work-dir", "given"), "given"),
        (("homed.py", "--work-dir", "given", "--cfg-options", "work_dir=other"), "given"),
    ],
)
def test_the_work_folder(here, words, folder):
    config = load(*words)
    assert config.work_dir == folder
    assert (here / folder).is_dir()
    assert [p.name for p in here.iterdir() if p.is_dir()] == [folder.split("/")[0]]


def test_cfg_options_override(here):
    config = load("tiny.py", "--cfg-options", "model.depth=5", "sizes=[3,4]", "new.key=yes")
    assert config.model == {"type": "mmaux.X", "depth": 5}
    assert config.sizes == [3, 4]
    assert config.new.key == "yes"
    assert config.lr == 0.1


def test_launcher_and_local_rank(here):
    assert load("tiny.py").launcher == "none"
    assert os.environ["LOCAL_RANK"] == "0"
    os.environ.pop("LOCAL_RANK")
    assert load("tiny.py", "--launcher", "pytorch", "--local-rank", "3").launcher == "pytorch"
    assert os.environ["LOCAL_RANK"] == "3"


def test_what_cannot_be_read_or_written(here):
    with pytest.raises(FileNotFoundError, match=r"absent\.py"):
        load("absent.py")
    with pytest.raises(OSError, match=r"'tiny\.py' is a file"):
        load("tiny.py", "--work-dir", "tiny.py/below")


# Mixed precision ---------------------------------------------------------------------------------


def optim(**wrapper):
    return Config({"optim_wrapper": wrapper})


@pytest.fixture
def accelerator(monkeypatch):
    monkeypatch.setattr(run_config, "is_cuda_available", lambda: True)


def test_amp_without_an_accelerator_is_refused(monkeypatch):
    for name in ("cuda", "npu", "musa"):
        monkeypatch.setattr(run_config, f"is_{name}_available", lambda: False)
    config = optim(type="mmengine.OptimWrapper")
    with pytest.raises(ValueError, match="--amp needs a GPU"):
        apply_amp(config)
    assert config.optim_wrapper.type == "mmengine.OptimWrapper"


@pytest.mark.parametrize("kind", ["mmengine.OptimWrapper", "OptimWrapper", OptimWrapper, None])
def test_amp_replaces_the_plain_wrapper(accelerator, kind):
    config = optim(accumulative_counts=2, **({} if kind is None else {"type": kind}))
    apply_amp(config)
    assert config.optim_wrapper == {
        "type": "mmengine.AmpOptimWrapper",
        "accumulative_counts": 2,
        "loss_scale": "dynamic",
    }


def test_amp_keeps_a_loss_scale_and_leaves_amp_alone(accelerator):
    config = optim(type="OptimWrapper", loss_scale=512.0)
    apply_amp(config)
    assert config.optim_wrapper.loss_scale == 512.0
    config = optim(type="AmpOptimWrapper", dtype="bfloat16")
    apply_amp(config)
    assert config.optim_wrapper == {"type": "AmpOptimWrapper", "dtype": "bfloat16"}


def test_amp_with_another_wrapper_is_refused(accelerator):
    with pytest.raises(ValueError, match=r"found 'mmaux\.Other'"):
        apply_amp(optim(type="mmaux.Other"))


# Pictures and augmentation -----------------------------------------------------------------------


def test_show_dir(tmp_path):
    config = Config(
        {
            "default_hooks": {"visualization": {"type": "mmseg.SegVisualizationHook"}},
            "visualizer": {"type": "mmaux.MultiTaskVisualizer"},
        }
    )
    folder = tmp_path / "pictures"
    apply_visualization(config, show_dir=str(folder), show=False, wait=2)
    assert config.visualizer.save_dir == str(folder)
    assert config.default_hooks.visualization == {
        "type": "mmseg.SegVisualizationHook",
        "draw": True,
        "interval": 1,
    }
    assert folder.is_dir()
    apply_visualization(config, show_dir=None, show=True, wait=1.5)
    assert config.default_hooks.visualization.show is True
    assert config.default_hooks.visualization.wait_time == 1.5


def test_show_without_a_hook_says_what_to_add(tmp_path):
    with pytest.raises(ValueError, match=r"visualization=dict\(type='mmseg.SegVisualizationHook'"):
        apply_visualization(Config({}), show_dir=str(tmp_path), show=False, wait=2)


@pytest.mark.parametrize("missing", ["tta_pipeline", "tta_model"])
def test_tta_needs_two_settings(missing):
    model = {"type": "mmaux.MultiTaskTTAModel"}
    settings = {"tta_pipeline": [{"type": "x"}], "tta_model": model, "model": {}}
    del settings[missing]
    with pytest.raises(ValueError, match=f"tta needs {missing}"):
        apply_tta(Config(settings))


def test_tta_of_segmentation_alone_is_refused():
    """As mmseg's base configs bring it along."""
    settings = {
        "tta_model": {"type": "SegTTAModel"},
        "tta_pipeline": [
            {"type": "LoadImageFromFile"},
            {"type": "TestTimeAug", "transforms": [[{"type": "LoadAnnotations"}]]},
        ],
        "model": {"heads": {}},
        "test_dataloader": {"dataset": {}},
    }
    apply_tta(Config({**settings, "model": {"type": "EncoderDecoder"}}))  # for mmseg's own networks
    with pytest.raises(ValueError, match="tta_model is SegTTAModel, which averages segmentation"):
        apply_tta(Config(settings))
    settings["tta_model"] = {"type": "mmaux.MultiTaskTTAModel"}
    with pytest.raises(ValueError, match=r"has LoadAnnotations, .* write mmaux\.LoadTargets in"):
        apply_tta(Config(settings))


def test_tta_keeps_the_networks_own_preprocessor():
    own = {"type": "mmaux.MultiTaskDataPreProcessor"}
    config = Config(
        {
            "data_preprocessor": {"type": "SegDataPreProcessor"},
            "model": {"type": "x", "data_preprocessor": own},
            "tta_model": {"type": "mmaux.MultiTaskTTAModel"},
            "tta_pipeline": [{"type": "mmaux.LoadImageFromFile"}],
            "test_dataloader": {"dataset": {}},
        }
    )
    apply_tta(config)
    assert "data_preprocessor" not in config
    assert config.model.module.data_preprocessor == own


def test_tasks_and_data_are_always_compared():
    config = Config({"custom_hooks": [{"type": "EMAHook"}]})
    check_tasks_and_data(config)
    check_tasks_and_data(config)
    assert [hook.type for hook in config.custom_hooks] == ["EMAHook", "mmaux.TaskDataCheckHook"]
    bare = Config({})
    check_tasks_and_data(bare)
    assert [hook.type for hook in bare.custom_hooks] == ["mmaux.TaskDataCheckHook"]


def test_tta_of_a_shipped_config():
    config = Config.fromfile(Path(__file__).parents[2] / "configs/joint_mbv2_nyud.py")
    network = config.model.to_dict()
    apply_tta(config)
    assert config.model.type == "mmaux.MultiTaskTTAModel"
    assert config.model.module == network
    kinds = [step["type"] for step in config.test_dataloader.dataset.pipeline]
    assert kinds == ["mmaux.LoadImageFromFile", "mmcv.TestTimeAug"]


def test_resuming_without_a_checkpoint_keeps_the_weights_to_start_from(tmp_path: Path) -> None:
    config = Config({"work_dir": str(tmp_path), "load_from": "single.pth"})
    apply_resume(config, "auto")
    assert (config.resume, config.load_from) == (False, "single.pth")


def test_resuming_takes_the_newest_whole_checkpoint_or_the_given_one(tmp_path: Path) -> None:
    torch.save({"state_dict": {}}, tmp_path / "iter_3.pth")
    point_to(tmp_path, tmp_path / "iter_3.pth")
    config = Config({"work_dir": str(tmp_path), "load_from": "single.pth"})
    apply_resume(config, "auto")
    assert (config.resume, config.load_from) == (True, str(tmp_path / "iter_3.pth"))
    apply_resume(config, "other.pth")
    assert (config.resume, config.load_from) == (True, "other.pth")


def test_weights_to_start_from_that_are_not_there(here) -> None:
    folder = here / "work_dirs" / "single_depth_mbv2_rooms"
    path = "work_dirs/single_depth_mbv2_rooms/iter_10000.pth"
    with pytest.raises(FileNotFoundError, match=rf"no '{path}' \(the folder holds no checkpoint"):
        check_load_from(Config({"load_from": path}))
    folder.mkdir(parents=True)
    (folder / "iter_450.pth").touch()
    with pytest.raises(FileNotFoundError, match=r"holds iter_450\.pth.*--cfg-options load_from="):
        check_load_from(Config({"load_from": path}))
    (folder / "iter_10000.pth").touch()
    check_load_from(Config({"load_from": path}))


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"load_from": None},
        {"load_from": "https://example.org/weights.pth"},
        {"load_from": "gone.pth", "resume": True},
    ],
)
def test_nothing_to_check(content, here) -> None:
    check_load_from(Config(content))
