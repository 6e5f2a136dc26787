import json
import runpy
import sys
from pathlib import Path

import cv2
import pytest

TOOL = Path(__file__).parents[2] / "tools" / "analysis" / "plot_curves.py"


@pytest.fixture
def plot(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["plot_curves.py", *words])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(TOOL), run_name="__main__")
        captured = capsys.readouterr()
        return stopped.value.code, captured.out + captured.err

    return run


def write_run(folder, **scalars):
    folder.mkdir()
    curves = {name: {"steps": [1, 2, 3], "values": values} for name, values in scalars.items()}
    (folder / "curves.json").write_text(json.dumps(curves))


def test_a_finished_run_beside_one_at_work(plot, tmp_path):
    write_run(tmp_path / "joint", loss=[3.0, 2.0, 1.0], lr=[0.1, 0.1, 0.1])
    log = tmp_path / "auxi/training/20260101_100000/vis_data/scalars.json"
    log.parent.mkdir(parents=True)
    log.write_text('{"loss": 3.0, "step": 1}\n{"loss": 1.0, "step": 2}\n')
    words = ["joint=joint", "auxi=auxi", "--scalars", "lo*", "--out", "new/curves.png"]
    assert plot(*words, "--smooth", "2") == (0, "wrote new/curves.png: loss\n")
    assert cv2.imread("new/curves.png").std() > 10


def test_only_png_is_written(plot, tmp_path):
    write_run(tmp_path / "joint", loss=[3.0, 2.0, 1.0])
    status, printed = plot("a=joint", "--out", "c.pdf")
    assert status == 2
    assert "error: 'c.pdf': pictures are written as PNG" in printed
    assert not Path("c.pdf").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["joint"], "runs: found 'joint', expected NAME=FOLDER"),
        (["a=joint", "a=joint"], "runs: found the name 'a' twice; give each run its own"),
        (["a=absent"], "no scalars in 'absent'"),
        (["a=joint", "--scalars", "lost"], "no scalar matches 'lost'; the runs have loss"),
        (["a=joint", "--smooth", "-1"], "iterations is -1.0; expected 0 or more"),
    ],
)
def test_errors(plot, tmp_path, words, message):
    write_run(tmp_path / "joint", loss=[3.0, 2.0, 1.0])
    status, printed = plot(*words)
    assert status == 2
    assert f"error: {message}" in printed
