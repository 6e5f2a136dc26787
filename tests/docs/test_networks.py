"""The code of docs/networks.md that a reader copies."""

import re
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import init_default_scope
from networks import CLASSES, batch
from small_runs import REPOSITORY

from mmaux.registry import MODELS


def code_block(heading: str) -> str:
    """The first Python block below a heading."""
    text = (REPOSITORY / "docs" / "networks.md").read_text()
    section = text.split(f"## {heading}\n", 1)[1]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found
    return found.group(1)


def test_auxiliary_modules_on_an_mmseg_model(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(code_block("Auxiliary modules on your mmseg model"))
    config = Config.fromfile(tmp_path / "mine.py")
    assert config.train_dataloader.dataset.type == "CityscapesDataset"
    init_default_scope(config.default_scope)
    model = revert_sync_batchnorm(MODELS.build(config.model)).train()
    assert model.backbone.depth == 50
    assert config.model.heads.semseg.num_classes > CLASSES
    model.data_preprocessor.size = (64, 96)
    data = model.data_preprocessor(batch(("semseg",), ("semseg",)), True)
    losses = model(**data, mode="loss")
    assert {name for name in losses if "loss" in name} == {
        "semseg.loss_ce",
        "semseg.aux.loss_ce",
    }
    total, _ = model.parse_losses(losses)
    total.backward()
    assert torch.isfinite(total)
    assert all(p.grad is not None for p in model.parameters())
