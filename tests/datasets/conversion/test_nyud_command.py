"""The command line tools/dataset_converters/nyud.py."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[3] / "tools" / "dataset_converters" / "nyud.py"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    spec = importlib.util.spec_from_file_location("nyud_tool", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    monkeypatch.setattr(sys, "argv", ["nyud.py", *map(str, arguments)])
    monkeypatch.setattr(tool.cv2, "setNumThreads", lambda _: None)
    return tool.exit_status(tool.main)


def test_prints_what_came_out(
    make_mat, splits_json: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    arguments = (make_mat().path, "--out", tmp_path / "out", "--splits", splits_json)
    assert run(monkeypatch, *arguments, "--classes", 13) == 0
    printed = capsys.readouterr().out
    assert "3 frames in" in printed
    assert "(2 train, 1 test); 3 converted now, 0 done before" in printed
    assert "mmaux.NYUv2Dataset13" in printed
    assert f"data_root='{tmp_path / 'out'}'" in printed
    assert run(monkeypatch, *arguments, "--classes", 13) == 0
    assert "0 converted now, 3 done before" in capsys.readouterr().out
    assert len(json.loads((tmp_path / "out/meta.json").read_text())["classes"]) == 13


def test_errors_are_one_line(
    make_mat, splits_json: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    assert run(monkeypatch, tmp_path / "none.mat", "--out", tmp_path / "out") == 2
    assert "none.mat: no such file" in capsys.readouterr().err
    occupied = tmp_path / "occupied"
    occupied.write_text("")
    arguments = (make_mat().path, "--out", occupied / "out", "--splits", splits_json)
    assert run(monkeypatch, *arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "output folder cannot be written" in error
    assert len(error.splitlines()) == 1


def test_unknown_number_of_classes(tmp_path: Path, monkeypatch, capsys) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, tmp_path / "a.mat", "--out", tmp_path, "--classes", 37)
    assert "13" in capsys.readouterr().err
