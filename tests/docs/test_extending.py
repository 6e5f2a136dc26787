"""The backbones of docs/extending.md."""

import re
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from networks import batch
from small_runs import REPOSITORY

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import MODELS

TASKS = ("semseg", "depth", "normal")
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (REPOSITORY / "docs" / "extending.md").read_text(), re.M | re.S
)


def losses_of(config: Config) -> tuple[MultiTaskEncoderDecoder, dict[str, torch.Tensor]]:
    init_default_scope(config.default_scope)
    config.model.data_preprocessor.size = (64, 96)
    model = MODELS.build(config.model).train()
    data = model.data_preprocessor(batch(TASKS, TASKS), True)
    return model, model(**data, mode="loss")


def check(config: Config) -> MultiTaskEncoderDecoder:
    model, losses = losses_of(config)
    tasks = {(*name.split(".")[:-1],) for name in losses if "loss" in name}
    assert tasks == {(task, *kind) for task in TASKS for kind in ((), ("aux",))}
    total, _ = model.parse_losses(losses)
    total.backward()
    assert torch.isfinite(total)
    assert all(p.grad is not None for p in model.parameters())
    return model


def test_a_backbone_of_mmpretrain(tmp_path: Path) -> None:
    (text,) = (block for block in BLOCKS if "MobileNetV3" in block)
    (tmp_path / "own.py").write_text(text)
    model = check(Config.fromfile(tmp_path / "own.py"))
    assert type(model.backbone).__name__ == "MobileNetV3"


def test_a_backbone_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = (block for block in BLOCKS if "class TinyBackbone" in block)
    (tmp_path / "my_backbone.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    (text,) = (block for block in BLOCKS if "MobileNetV3" in block)
    text, count = re.subn(
        r"backbone=dict\(.*\)", 'backbone=dict(_delete_=True, type="mmseg.TinyBackbone")', text
    )
    assert count == 1
    text = text.replace("(16, 24, 48, 576)", "(16, 24, 48, 96)")
    text += 'custom_imports = dict(imports=["my_backbone"])\n'
    (tmp_path / "own.py").write_text(text)
    model = check(Config.fromfile(tmp_path / "own.py"))
    maps = model.backbone(torch.zeros(1, 3, 64, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [
        (16, 32, 48),
        (24, 16, 24),
        (48, 8, 12),
        (96, 4, 6),
    ]
