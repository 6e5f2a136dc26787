import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("embreex")

COMMAND = Path(__file__).parents[3] / "tools" / "dataset_converters" / "rooms.py"


def run(*arguments):
    command = [sys.executable, str(COMMAND), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_it_renders_and_says_how_to_use_the_result(tmp_path):
    out = tmp_path / "rooms"
    result = run("--out", out, "--train", 2, "--test", 1, "--size", "48x64", "--workers", 1)
    assert result.returncode == 0, result.stderr
    assert f"3 images in {out}; 3 rendered now" in result.stdout
    assert "mmaux.RoomsDataset" in result.stdout
    assert "rooms: 3/3" in result.stdout  # progress in a log


def test_it_adds_scenes_to_rooms_of_before(tmp_path):
    out = tmp_path / "rooms"
    run("--out", out, "--train", 1, "--test", 1, "--size", "48x64", "--seed", 3, "--workers", 1)
    scenes = {path.name: path.read_text() for path in (out / "scene").iterdir()}
    for path in (out / "scene").iterdir():
        path.unlink()
    (out / "scene").rmdir()
    result = run("--add-scenes", "--out", out)
    assert result.returncode == 0, result.stderr
    assert "0 rendered now" in result.stdout
    assert "2 got their scene now" in result.stdout
    assert {path.name: path.read_text() for path in (out / "scene").iterdir()} == scenes
    for wrong in (["--add-scenes", "--train", 1], ["--test", 1]):
        assert run("--out", out, *wrong).returncode == 2


def test_a_wrong_size_is_one_line(tmp_path):
    result = run("--out", tmp_path / "rooms", "--train", 1, "--test", 1, "--size", "large")
    assert result.returncode == 2
    assert result.stderr.startswith("error: size: found 'large', expected HEIGHTxWIDTH")
    assert "Traceback" not in result.stderr
