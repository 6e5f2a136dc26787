"""The command on a tiny network."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, build_network, network_config
from room_folder import dataset_config, pipeline, write_room
from small_runs import run_tool


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("infer")
    write_room(folder / "room")
    network = network_config(auxiliary=auxiliary())
    test = dataset_config(folder / "room", "test", pipeline=pipeline(), test_mode=True)
    content = {"default_scope": "mmaux", "model": network, "test_dataloader": {"dataset": test}}
    Config(content).dump(folder / "tiny.py")
    torch.save(build_network(auxiliary=auxiliary()).state_dict(), folder / "iter_9.pth")
    content["model"]["heads"]["depth"]["decoder"]["channels"] = 8
    Config(content).dump(folder / "other.py")
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "in").mkdir()
    for name in ("a", "c"):
        cv2.imwrite(str(folder / "in" / f"{name}.png"), np.full((96, 128, 3), 99, np.uint8))
    return folder


def test_a_folder_with_a_bad_file_goes_on(folder: Path) -> None:
    (folder / "in" / "b.png").write_text("junk")
    arguments = ["tiny.py", "iter_9.pth", "in", "--out", "out", "--save", "png", "--device", "cpu"]
    done = run_tool("infer.py", *arguments, cwd=folder, fails=True)
    assert done.returncode == 1
    assert "iter_9.pth: the auxiliary module is left out" in done.stdout
    assert "not read: in/b.png: not an image that can be decoded (4 bytes)" in done.stdout
    assert "predicted 2 of 3 images into out" in done.stdout
    assert sorted(file.name for file in (folder / "out" / "depth").iterdir()) == ["a.png", "c.png"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["iter_9.pth", "tiny.py", "in"], "the config comes before the checkpoint; found iter_9"),
        (["tiny.py", "iter_9.pth"], "expected CONFIG CHECKPOINT INPUT ..., or an exported file"),
        (["tiny.py", "iter_9.pth", "no.png"], "error: 'no.png': no such file or folder."),
        (["iter_9.pth", "in"], "error: 'iter_9.pth' is not of one of the formats"),
        (["other.py", "iter_9.pth", "in"], "Give the config that it was trained with"),
        (["tiny.py", "in/a.png", "in"], "error: checkpoint 'in/a.png' cannot be read"),
        (["tiny.py", "iter_9.pth", "empty.mp4"], "error: 'empty.mp4': no frame can be read"),
    ],
)
def test_errors_exit_with_2(folder: Path, words: list[str], message: str) -> None:
    done = run_tool("infer.py", *words, cwd=folder, fails=True)
    assert done.returncode == 2
    assert message in done.stdout
    assert "Traceback" not in done.stdout
