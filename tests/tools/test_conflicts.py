import runpy
import sys
from pathlib import Path

import cv2
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from networks import auxiliary, build_network
from run_configs import small_run

from mmaux.conflicts import measure_conflicts, shared_layers

TOOL = Path(__file__).parents[2] / "tools" / "analysis" / "conflicts.py"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = small_run(tmp_path, auxiliary=auxiliary())
    config.dump("net.py")
    torch.save({"state_dict": build_network(auxiliary=auxiliary()).state_dict()}, "net.pth")
    torch.save({"state_dict": build_network().state_dict()}, "stripped.pth")
    return tmp_path


@pytest.fixture
def conflicts(folder, monkeypatch, capsys):
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["conflicts.py", *words])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(TOOL), run_name="__main__")
        captured = capsys.readouterr()
        return stopped.value.code, captured.out + captured.err

    return run


def test_table_picture_and_advice(conflicts):
    words = ["net.py", "net.pth", "--batches", "3", "--device", "cpu", "--out", "new/picture.png"]
    status, printed = conflicts(*words)
    assert status == 0, printed
    for expected in ("backbone.layer6", "norm of depth", "rules of thumb", "wrote new/picture.png"):
        assert expected in printed
    assert cv2.imread("new/picture.png").shape[0] > 500


@pytest.mark.usefixtures("folder")
def test_numbers_against_backward_passes():
    config = Config.fromfile("net.py")
    name = "backbone.layer6"
    (layer,) = measure_conflicts(config, "net.pth", batches=2, layers=[name])

    init_default_scope("mmaux")
    model = build_network(auxiliary=auxiliary()).train()
    loader = iter(Runner.build_dataloader(config.train_dataloader, seed=0))
    norms, cosines = [], []
    for _ in range(2):
        losses = model(**model.data_preprocessor(next(loader), True), mode="loss")
        rows = []
        for task in ("semseg", "depth"):
            total = sum(v for k, v in losses.items() if k.startswith(f"{task}.") and "loss" in k)
            model.zero_grad()
            total.backward(retain_graph=True)
            parameters = model.get_submodule(name).parameters()
            rows.append(torch.cat([p.grad.flatten().double() for p in parameters]))
        norms.append([row.norm() for row in rows])
        cosines.append(torch.cosine_similarity(rows[0], rows[1], dim=0))
    assert layer.norms["semseg"] == pytest.approx(float(sum(n[0] for n in norms)) / 2, rel=1e-4)
    assert layer.norms["depth"] == pytest.approx(float(sum(n[1] for n in norms)) / 2, rel=1e-4)
    pair = next(pair for pair in layer.pairs if set(pair.tasks) == {"semseg", "depth"})
    assert pair.cosine == pytest.approx(float(sum(cosines)) / 2, abs=1e-4)


def test_shared_layers_are_the_trained_stages_and_the_neck():
    model = build_network()
    assert shared_layers(model) == ["backbone.conv1", *(f"backbone.layer{i}" for i in range(1, 8))]
    model.backbone.layer1.requires_grad_(False)
    assert "backbone.layer1" not in shared_layers(model)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["net.py", "stripped.pth"], "does not fit the config"),
        (["net.py", "absent.pth"], "checkpoint 'absent.pth' cannot be read"),
        (["absent.py", "net.pth"], "absent.py"),
        (["net.py", "net.pth", "--layers", "backbone.layer77"], "no module 'backbone.layer77'"),
        (["net.py", "net.pth", "--batches", "0"], "batches is 0"),
        (
            ["net.py", "net.pth", "--cfg-options", "model.heads.depth=None",
             "model.heads.normal=None", "model.auxiliary=None"],
            "has the tasks ['semseg']",
        ),
    ],
)  # fmt: skip
def test_errors(words, message, conflicts):
    status, printed = conflicts(*words)
    assert status == 2
    assert message in printed
