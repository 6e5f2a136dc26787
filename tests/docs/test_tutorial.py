"""The tutorial's commands in small, and its config on a foreign one."""

import json
import re
import shlex
from pathlib import Path

import pytest
from mmengine.config import Config
from room_folder import write_room
from scenes import CLASSES
from small_runs import REPOSITORY, forked_commands, run_tool

from mmaux.registry import MODELS

TEXT = (REPOSITORY / "docs" / "tutorial.md").read_text(encoding="utf-8")
SMALLER = {
    "--train 48 --test 12": "--train 4 --test 2",
    "max_iters=100": "max_iters=2",
    "val_interval=100": "val_interval=2",
    "checkpoint.interval=50": "checkpoint.interval=2",
    "batch_size=4": "batch_size=2",
    "iter_100": "iter_2",
}
OWN = """
_base_ = ["mmseg::_base_/models/fcn_r50-d8.py", "mmseg::_base_/default_runtime.py",
          "mmseg::_base_/datasets/cityscapes.py", "mmseg::_base_/schedules/schedule_20k.py"]
norm_cfg = dict(type="BN", requires_grad=True)
model = dict(pretrained=None, backbone=dict(depth=18, norm_cfg=norm_cfg),
             decode_head=dict(in_channels=512, norm_cfg=norm_cfg),
             auxiliary_head=dict(norm_cfg=norm_cfg))
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


def test_its_commands_run_in_this_order(tmp_path: Path) -> None:
    pytest.importorskip("embreex")
    for name in ("tools", "configs"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    lines = "".join(blocks("bash")).replace("\\\n", " ").splitlines()
    assert len(lines) == 6
    for line in lines:
        for large, small in SMALLER.items():
            line = line.replace(large, small)
        program, *arguments = shlex.split(line)
        assert program == "python"
        done = forked_commands().run(arguments, tmp_path)
        assert done.status == 0, f"{line}\n{done.output[-3000:]}"
    panels = list((tmp_path / "predictions" / "panel").glob("*.png"))
    assert len(panels) == 6


def test_depth_for_a_segmentation_config(tmp_path: Path) -> None:
    (text,) = (block for block in blocks("python") if "_base_" in block)
    assert len([line for line in text.splitlines() if line.strip()]) < 20
    (tmp_path / "my_segmentation.py").write_text(OWN)
    write_room(tmp_path / "data" / "mine")
    meta = {"depth_scale": 1000, "classes": list(CLASSES)}
    (tmp_path / "data" / "mine" / "meta.json").write_text(json.dumps(meta))
    text = text.replace("in_channels=2048", "in_channels=512").replace("512, 512", "64, 64")
    text = text.replace("num_classes=19", f"num_classes={len(CLASSES)}")
    text = text.replace("scale=(2048, 1024)", "scale=(128, 96)")
    (tmp_path / "with_depth.py").write_text(text)
    own = Config.fromfile(tmp_path / "my_segmentation.py")
    changed = Config.fromfile(tmp_path / "with_depth.py")
    assert changed.optim_wrapper == own.optim_wrapper
    assert changed.model.backbone == own.model.backbone
    # A checkpoint of the old network fills backbone and segmentation head.
    old, new = MODELS.build(own.model), MODELS.build(changed.model)
    layers = new.heads["semseg"].decoder.state_dict()
    for name, value in old.decode_head.state_dict().items():
        if not name.startswith("conv_seg"):
            assert layers[name].shape == value.shape, name
    options = [
        "train_cfg.max_iters=1",
        "train_cfg.val_interval=1",
        "default_hooks.logger.interval=1",
    ]
    for split in ("train", "val"):
        options += [f"{split}_dataloader.num_workers=0"]
        options += [f"{split}_dataloader.persistent_workers=False"]
    done = run_tool("train.py", "with_depth.py", "--cfg-options", *options, cwd=tmp_path)
    for expected in ("semseg.loss_ce", "depth.loss_", "semseg/mIoU", "depth/rmse"):
        assert expected in done.stdout, done.stdout[-3000:]
