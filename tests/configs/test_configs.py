import math
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from room_folder import write_room
from small_runs import CONFIGS, small_options

from mmaux.engine.hooks import TaskDataCheckHook

EXPECTED = {
    "auxi_all_alternation_mbv2_rooms",
    "auxi_all_mbv2_nyud",
    "auxi_all_mbv2_rooms",
    "auxi_all_mbv2_sunrgbd",
    "auxi_all_mbv2_ushape_rooms",
    "auxi_all_mbv2_ushape_sunrgbd",
    "auxi_all_upgrad_mbv2_rooms",
    "auxi_both_concat_mbv2_context_nyud",
    "auxi_both_concat_mbv2_context_rooms",
    "auxi_both_conv3x3_mbv2_context_nyud",
    "auxi_both_conv3x3_mbv2_context_rooms",
    "auxi_both_mbv2_context_nyud",
    "auxi_both_mbv2_context_rooms",
    "auxi_both_mbv2_nyud",
    "auxi_both_mbv2_nyudexp",
    "auxi_both_mbv2_nyudexp_finetune",
    "auxi_both_mbv2_rooms",
    "auxi_both_mbv2_ushape_nyud",
    "auxi_both_mbv2_ushape_rooms",
    "auxi_both_r50_nyud",
    "auxi_both_r50_ocnet_nyud",
    "auxi_both_r50_ocnet_rooms",
    "auxi_both_width128_mbv2_context_nyud",
    "auxi_both_width128_mbv2_context_rooms",
    "auxi_depth_all_mbv2_ushape_rooms",
    "auxi_depth_all_mbv2_ushape_sunrgbd",
    "auxi_depth_conv3x3_mbv2_context_nyud",
    "auxi_depth_conv3x3_mbv2_context_rooms",
    "auxi_depth_mbv2_context_nyud",
    "auxi_depth_mbv2_context_rooms",
    "auxi_depth_mbv2_nyud",
    "auxi_depth_mbv2_rooms",
    "auxi_nas_all_mbv2_rooms",
    "auxi_nas_all_mbv2_sunrgbd",
    "auxi_nas_all_mbv2_ushape_rooms",
    "auxi_nas_all_mbv2_ushape_sunrgbd",
    "auxi_nas_mbv2_context_nyud",
    "auxi_nas_mbv2_context_rooms",
    "auxi_nas_mbv2_nyud",
    "auxi_nas_mbv2_rooms",
    "auxi_nas_mbv2_ushape_nyud",
    "auxi_nas_mbv2_ushape_rooms",
    "auxi_nas_r50_nyud",
    "auxi_nas_r50_ocnet_nyud",
    "auxi_nas_r50_ocnet_rooms",
    "auxi_normal_all_mbv2_ushape_rooms",
    "auxi_normal_all_mbv2_ushape_sunrgbd",
    "auxi_semseg_all_mbv2_ushape_rooms",
    "auxi_semseg_all_mbv2_ushape_sunrgbd",
    "auxi_semseg_conv3x3_mbv2_context_nyud",
    "auxi_semseg_conv3x3_mbv2_context_rooms",
    "auxi_semseg_mbv2_context_nyud",
    "auxi_semseg_mbv2_context_rooms",
    "auxi_semseg_mbv2_nyud",
    "auxi_semseg_mbv2_rooms",
    "deep_depth_mbv2_nyud",
    "deep_depth_mbv2_rooms",
    "deep_semseg_mbv2_nyud",
    "deep_semseg_mbv2_rooms",
    "joint_all_mbv2_nyud",
    "joint_all_mbv2_rooms",
    "joint_all_mbv2_sunrgbd",
    "joint_all_mbv2_ushape_rooms",
    "joint_all_mbv2_ushape_sunrgbd",
    "joint_all_scene_mbv2_rooms",
    "joint_mbv2_context_nyud",
    "joint_mbv2_context_rooms",
    "joint_mbv2_nyud",
    "joint_mbv2_nyud_holdout",
    "joint_mbv2_nyudexp",
    "joint_mbv2_nyudexp_finetune",
    "joint_mbv2_rooms",
    "joint_mbv2_ushape_nyud",
    "joint_mbv2_ushape_rooms",
    "joint_r50_nyud",
    "joint_r50_ocnet_nyud",
    "joint_r50_ocnet_rooms",
    "joint_scene_mbv2_rooms",
    "kendall_mbv2_nyud",
    "kendall_mbv2_rooms",
    "prior_depth_auxi_semseg_mbv2_nyud",
    "prior_depth_auxi_semseg_mbv2_rooms",
    "prior_depth_mbv2_nyud",
    "prior_depth_mbv2_rooms",
    "prior_semseg_auxi_depth_mbv2_nyud",
    "prior_semseg_auxi_depth_mbv2_rooms",
    "prior_semseg_mbv2_nyud",
    "prior_semseg_mbv2_rooms",
    "single_depth_mbv2_context_nyud",
    "single_depth_mbv2_context_rooms",
    "single_depth_mbv2_nyud",
    "single_depth_mbv2_rooms",
    "single_depth_mbv2_ushape_nyud",
    "single_depth_mbv2_ushape_rooms",
    "single_depth_mbv2_ushape_sunrgbd",
    "single_depth_r50_ocnet_nyud",
    "single_depth_r50_ocnet_rooms",
    "single_normal_mbv2_nyud",
    "single_normal_mbv2_rooms",
    "single_normal_mbv2_ushape_rooms",
    "single_normal_mbv2_ushape_sunrgbd",
    "single_scene_mbv2_rooms",
    "single_semseg_mbv2_context_nyud",
    "single_semseg_mbv2_context_rooms",
    "single_semseg_mbv2_nyud",
    "single_semseg_mbv2_rooms",
    "single_semseg_mbv2_ushape_nyud",
    "single_semseg_mbv2_ushape_rooms",
    "single_semseg_mbv2_ushape_sunrgbd",
    "single_semseg_r50_ocnet_nyud",
    "single_semseg_r50_ocnet_rooms",
}
FILES = sorted(CONFIGS.glob("*.py"))
HEADLINES = {
    "semseg": "semseg/mIoU",
    "depth": "depth/rmse",
    "normal": "normal/mean",
    "scene": "scene/accuracy",
}
EVERY = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "room"
    write_room(root)
    return root


def types_in(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            if key == "type" or str(key).endswith("_type"):
                yield f"{path}.{key}", entry
            yield from types_in(entry, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, entry in enumerate(value):
            yield from types_in(entry, f"{path}.{index}")


def note(names: set[str], name: str, gradient: torch.Tensor) -> None:
    assert torch.isfinite(gradient).all(), name
    names.add(name)


def test_every_config_is_tested() -> None:
    assert {file.stem for file in FILES} == EXPECTED
    assert {file.parent for file in CONFIGS.rglob("*.py")} - {CONFIGS} == {
        CONFIGS / "_base_" / name for name in ("datasets", "models", "schedules")
    } | {CONFIGS / "_base_", CONFIGS / "search"}  # the last: tests/configs/test_search.py


@pytest.mark.parametrize(
    "file", sorted(CONFIGS.rglob("*.py")), ids=lambda file: str(file.relative_to(CONFIGS))
)
def test_every_type_carries_its_scope(file: Path) -> None:
    found = dict(types_in(Config.fromfile(file).to_dict()))
    # mmengine compares an init_cfg's type with the bare text 'Pretrained'.
    bare = {path: kind for path, kind in found.items() if not path.endswith(".init_cfg.type")}
    for path, kind in bare.items():
        assert re.match(r"(mmaux|mmseg|mmcv|mmengine|mmpretrain)\.\w+$", str(kind)), (path, kind)
    assert {found[path] for path in found.keys() - bare.keys()} <= {"Pretrained"}


@EVERY
def test_config_survives_dump_and_reload(file: Path, tmp_path: Path) -> None:
    config = Config.fromfile(file)
    config.dump(tmp_path / "dumped.py")
    assert Config.fromfile(tmp_path / "dumped.py").to_dict() == config.to_dict()


@EVERY
def test_config_trains_a_step_and_validates(file: Path, tmp_path: Path, root: Path) -> None:
    config = Config.fromfile(file)
    config.merge_from_dict(small_options(config, root))
    config.dump(tmp_path / "small.py")
    config = Config.fromfile(tmp_path / "small.py")
    config.work_dir = str(tmp_path / "work")
    config.experiment_name = f"configs_{file.stem}"
    config.default_hooks.checkpoint.interval = 2  # none is written
    runner = Runner.from_cfg(config)
    assert any(isinstance(hook, TaskDataCheckHook) for hook in runner.hooks)
    model = runner.model
    reached: set[str] = set()
    for name, parameter in model.named_parameters():
        parameter.register_hook(partial(note, reached, name))
    runner.train()

    assert runner.iter == 1
    assert reached == {name for name, _ in model.named_parameters()}
    for task in model.heads:
        losses = [k for k in runner.message_hub.log_scalars if k.startswith(f"train/{task}.loss")]
        assert losses, task
        assert all(math.isfinite(runner.message_hub.get_scalar(k).current()) for k in losses)
        value = runner.message_hub.get_scalar(f"val/{HEADLINES[task]}").current()
        assert math.isfinite(value), HEADLINES[task]
    assert bool(re.search("auxi|deep", file.stem)) == (model.auxiliary is not None)
    assert runner.val_loop.dataloader.dataset.targets.keys() == set(model.heads)
    # Of the room's three training samples one is held out.
    assert len(runner.val_loop.dataloader) == (1 if "holdout" in file.stem else 2)


def test_a_head_without_data_is_refused_before_training(tmp_path: Path, root: Path) -> None:
    config = Config.fromfile(CONFIGS / "joint_mbv2_nyud.py")
    config.merge_from_dict(small_options(config, root))
    config.train_dataloader.dataset.targets = {"semseg": {}}
    config.work_dir = str(tmp_path)
    config.experiment_name = "configs_head_without_data"
    with pytest.raises(ValueError, match=r"heads\.depth: no training sample has a depth target"):
        Runner.from_cfg(config).train()
