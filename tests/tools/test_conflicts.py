import runpy
import sys
from collections import OrderedDict
from pathlib import Path

import cv2
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from networks import auxiliary, build_network, network_config
from room_folder import config_of, pipeline, write_room

TOOL = Path(__file__).parents[2] / "tools" / "analysis" / "conflicts.py"
TASKS = ("semseg", "depth", "normal")


def write_config(folder, name, *tasks):
    network = network_config(*tasks, auxiliary=auxiliary())
    content = config_of(folder / "room", pipeline=pipeline(), targets=tasks)
    content["train_dataloader"] |= {
        "batch_size": 2,
        "num_workers": 0,
        "sampler": {"type": "mmaux.SeekableInfiniteSampler", "shuffle": True},
    }
    Config({"default_scope": "mmaux", "model": network, **content}).dump(folder / f"{name}.py")
    model = build_network(*tasks, auxiliary=auxiliary())
    torch.save({"state_dict": model.state_dict()}, folder / f"{name}.pth")
    model.remove_auxiliary()
    torch.save({"state_dict": model.state_dict()}, folder / f"{name}_stripped.pth")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    write_room(folder / "room")
    write_config(folder, "three", *TASKS)
    write_config(folder, "one", "depth")
    return folder


@pytest.fixture
def look(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    # A logger of an earlier test writes to the stream that was captured there, which is closed.
    monkeypatch.setattr(MMLogger, "_instance_dict", OrderedDict())

    def run(*words):
        words = [*words, "--device", "cpu"]
        monkeypatch.setattr(sys, "argv", ["conflicts.py", *words])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(TOOL), run_name="__main__")
        captured = capsys.readouterr()
        return stopped.value.code, captured.out + captured.err

    return run


def test_table_picture_and_suggestions(look, folder):
    words = ["three.py", "three.pth", "--batches", "9", "--out", "new/table.md", "new/picture.png"]
    status, printed = look(*words)
    assert status == 0, printed
    assert "batches: 9/9" in printed
    assert "A heuristic: " in printed
    table = (folder / "new" / "table.md").read_text()
    assert table.startswith("# Conflicts in three, three.pth, 9 batches\n")
    rows = [line.split("|")[1].strip() for line in table.splitlines() if "| backbone." in line]
    assert rows == ["backbone.conv1", *(f"backbone.layer{i}" for i in range(1, 8))]
    assert "cosine of normal and semseg (95 %)" in table
    assert cv2.imread(str(folder / "new" / "picture.png")).std() > 10
    assert look(*words)[0] == 0
    assert (folder / "new" / "table.md").read_text() == table  # the same batches, to the digit


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["one.py", "one.pth"],
            "error: conflicts are between tasks, but the model's losses belong",
        ),
        (["three.py", "one.pth"], "error: checkpoint 'one.pth' is not of this config's network"),
        (["three.py", "three_stripped.pth"], "a stripped checkpoint lacks the auxiliary module"),
        (["three.py", "absent.pth"], "error: checkpoint 'absent.pth' cannot be read"),
        (["three.py", "three.pth", "--layers", "neck"], "the model has no module 'neck'"),
        (["three.py", "three.pth", "--batches", "0"], "error: batches is 0; expected 1 or more"),
        (["three.py", "three.pth", "--out", "a.pdf"], "--out: found 'a.pdf', expected a name in"),
        (
            ["three.py", "three.pth", "--cfg-options", "train_dataloader=None"],
            "three.py has no train_dataloader",
        ),
    ],
)
def test_errors(look, words, message):
    status, printed = look(*words)
    assert status == 2
    assert message in printed
    assert "Traceback" not in printed
