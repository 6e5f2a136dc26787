"""The command on a tiny network and two images."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, build_network, network_config
from room_folder import dataset_config, pipeline, write_room
from small_runs import run_tool

from mmaux.deploy import load_exported

TOOL = "deployment/export.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_room(tmp_path / "room")
    network = network_config(auxiliary=auxiliary())
    test = dataset_config(tmp_path / "room", "test", pipeline=pipeline(), test_mode=True)
    Config({"default_scope": "mmaux", "model": network, "test_dataloader": {"dataset": test}}).dump(
        tmp_path / "tiny.py"
    )
    torch.save(build_network(auxiliary=auxiliary()).state_dict(), tmp_path / "iter_9.pth")
    return tmp_path


def test_command_writes_a_file_and_says_what_it_did(folder: Path) -> None:
    arguments = [TOOL, "tiny.py", "iter_9.pth", "--format", "pt2", "--out", "out/tiny.pt2"]
    done = run_tool(*arguments, "--pre-and-postprocessing", "--fuse", cwd=folder)
    for expected in (
        "The network still had parts of training (auxiliary module): left out.",
        "batch norms were folded into convolutions.",
        "Input image: uint8 RGB (N, H, W, 3), 96 x 128.",
        "Output depth: metre.",
        "Compared with PyTorch on 2 test images.",
        "m (allowed 0.001)",
        "wrote out/tiny.pt2 (",
    ):
        assert expected in done.stdout, done.stdout
    exported = load_exported(folder / "out" / "tiny.pt2")
    maps = exported(np.zeros((96, 128, 3), np.uint8))
    assert np.linalg.norm(maps["normal"], axis=0) == pytest.approx(1, abs=1e-5)


def test_disagreement_exits_with_1_and_errors_with_2(folder: Path) -> None:
    # A network that predicts NaN agrees with nothing, not even with itself.
    state = torch.load(folder / "iter_9.pth", weights_only=True)
    state["heads.depth.decoder.conv_seg.bias"].fill_(float("nan"))
    torch.save(state, folder / "nan.pth")
    arguments = ["--format", "torchscript", "--out", "tiny.pt"]
    done = run_tool(TOOL, "tiny.py", "nan.pth", *arguments, cwd=folder, fails=True)
    assert done.returncode == 1
    assert "error: the exported network does not agree with PyTorch: depth: nan m" in done.stdout
    done = run_tool(TOOL, "tiny.py", "absent.pth", *arguments, cwd=folder, fails=True)
    assert done.returncode == 2
    assert "error: checkpoint 'absent.pth' cannot be read" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (folder / "tiny.pt").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["absent.py", "iter_9.pth"], "No such file or directory: 'absent.py'"),
        (["other.py", "iter_9.pth"], "Give the config that it was trained with"),
        (["tiny.py", "iter_9.pth", "--opset", "9"], "error: opset is 9, which is not supported"),
        (["tiny.py", "iter_9.pth", "--images", "junk.png"], "junk.png: not an image that can be"),
    ],
)
def test_bad_input_is_named_and_leaves_no_file(
    folder: Path, words: list[str], message: str
) -> None:
    pytest.importorskip("onnx")
    (folder / "junk.png").write_text("junk")
    config = Config.fromfile(folder / "tiny.py")
    config.model.heads.depth.decoder.channels = 8
    config.dump(folder / "other.py")
    done = run_tool(TOOL, *words, "--format", "onnx", "--out", "x.onnx", cwd=folder, fails=True)
    assert done.returncode == 2
    assert message in done.stdout
    assert "Traceback" not in done.stdout
    assert not (folder / "x.onnx").exists()
