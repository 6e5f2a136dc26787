"""The command on a tiny network and two images."""

from pathlib import Path

import cv2
import pytest
import torch
from mmengine.config import Config
from networks import auxiliary, build_network, network_config
from room_folder import dataset_config, pipeline, write_room
from small_runs import run_tool

TOOL = "model_converters/remove_auxiliary.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_room(tmp_path / "room")
    network = network_config(auxiliary=auxiliary())
    test = dataset_config(tmp_path / "room", "test", pipeline=pipeline(), test_mode=True)
    Config({"default_scope": "mmaux", "model": network, "test_dataloader": {"dataset": test}}).dump(
        tmp_path / "tiny.py"
    )
    state = build_network(auxiliary=auxiliary()).state_dict()
    torch.save({"meta": {}, "state_dict": state, "optimizer": {}}, tmp_path / "iter_9.pth")
    return tmp_path


def test_command_writes_both_files_and_prints_the_cost(folder: Path) -> None:
    done = run_tool(TOOL, "tiny.py", "iter_9.pth", "--out", "slim", cwd=folder)
    assert sorted(p.name for p in (folder / "slim").iterdir()) == ["iter_9.pth", "tiny.py"]
    for expected in (
        "input 96 x 128, one image",
        "training, with the auxiliary module",
        "Bit-equal on 2 images: pred_depth_map, pred_normal_map, pred_sem_seg, seg_logits.",
        "wrote slim/tiny.py",
        "wrote slim/iter_9.pth",
    ):
        assert expected in done.stdout, done.stdout
    rows = {line.split()[1]: line for line in done.stdout.splitlines() if line.startswith("│")}
    for name, unit in (("parameters", "M"), ("flops", "G")):
        cells = [float(cell.split()[0]) for cell in rows[name].split("│")[2:4]]
        assert cells[0] > cells[1] > 0, rows[name]
        assert rows[name].count(f" {unit} ") == 2


def test_images_in_place_of_data_and_errors_without_traceback(folder: Path) -> None:
    options = ["--cfg-options", "test_dataloader.dataset.data_root=absent"]
    arguments = [TOOL, "tiny.py", "iter_9.pth", "--out", "slim", *options]
    done = run_tool(*arguments, cwd=folder, fails=True)
    assert "error: the test data cannot be read" in done.stdout
    assert "--images FILE" in done.stdout
    assert "Traceback" not in done.stdout
    assert list((folder / "slim").iterdir()) == []

    pictures = [folder / "one.png", folder / "two.png"]
    for number, picture in enumerate(pictures):
        image = torch.randint(0, 256, (40 + number, 60, 3), dtype=torch.uint8).numpy()
        cv2.imwrite(str(picture), image)
    done = run_tool(*arguments, "--images", *pictures, cwd=folder)
    assert "Bit-equal on 2 images" in done.stdout
    assert "input 40 x 60" in done.stdout
