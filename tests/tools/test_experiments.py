"""The command, with stand-ins for training and testing, killed again and again."""

import os
import random
import runpy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_tools import write_experiment, write_fake_tools

from mmaux.experiments import tool_process

REPOSITORY = Path(__file__).parents[2]
TOOL = REPOSITORY / "tools" / "experiments.py"
ROWS = ("joint", "prior_semseg", "auxi_both")
NAMES = [f"{row}_mbv2_nyud" for row in (*ROWS, "single_semseg")]
DRIVER = """
import runpy, sys
from pathlib import Path
from mmaux.experiments import tool_process
tool_process.TOOLS = Path(sys.argv.pop(1))
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
KILLS = 5


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(tool_process, "TOOLS", write_fake_tools(tmp_path / "tools"))
    write_experiment(tmp_path, NAMES, seconds=0.05, auxiliary={})
    (tmp_path / "driver.py").write_text(DRIVER)
    return tmp_path


def arguments(out, *more, rows=ROWS):
    words = ["figure3", "--configs", "configs", "--data-root", "data", "--out", out, *more]
    return [*words, "--rows", *rows] if rows else words


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Run the command in this process; what it printed."""

    def run(*words, status=0, **options):
        monkeypatch.setattr(sys, "argv", ["experiments.py", *arguments(*words, **options)])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(TOOL), run_name="__main__")
        captured = capsys.readouterr()
        assert stopped.value.code == status, captured
        return captured.out + captured.err

    return run


def start(folder):
    """Start the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "driver.py", "tools", str(TOOL), *arguments("killed")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def report(folder, out):
    """Everything that may not depend on when the runs took place."""
    files = (folder / out / "figure3_nyud_paper").glob("*")
    return {file.name: file.read_bytes() for file in files if file.name != "runs.csv"}


def test_killed_anywhere_it_gives_the_same_table(folder, run):
    printed = run("whole")
    expected = report(folder, "whole")
    assert expected.keys() == {"report.md", "table.csv", "scatter.png"}
    assert expected["report.md"].decode() in printed
    assert "[1/4] single_semseg_mbv2_nyud, seed 0: 3 iterations" in printed
    runs, moments = folder / "killed" / "runs", random.Random(0)
    kills = 0
    while kills < KILLS:
        before = len(list(runs.rglob("*")))
        process = start(folder)
        # It needs seconds to be at work: wait for its next file, then a moment.
        while process.poll() is None and len(list(runs.rglob("*"))) == before:
            time.sleep(0.01)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=moments.uniform(0, 0.4))
        kill = os.kill if kills % 2 else os.killpg
        kill(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
    assert not (folder / "killed" / "figure3_nyud_paper").exists()
    run("killed")
    assert report(folder, "killed") == expected
    shutil.rmtree(folder / "tools")
    assert "iterations (" not in run("killed"), "nothing is left to do"
    assert report(folder, "killed") == expected


def test_only_a_report(folder, run):
    assert "No run is finished yet." in run("out", "--report-only")
    assert not (folder / "out/runs").exists()


def test_errors_before_anything_runs(folder, run):
    printed = run("out", rows=["auxi_both", "joint_of_old"], status=2)
    assert "error: rows: figure3 has no joint_of_old; it has single_semseg" in printed
    printed = run("out", rows=[], status=2)
    assert f"  {Path('configs/kendall_mbv2_nyud.py')}" in printed
    assert not (folder / "out").exists()


def test_a_failed_run_is_reported_with_the_table_of_the_others(folder, run):
    config = folder / "configs/joint_mbv2_nyud.py"
    config.write_text(config.read_text().replace("model = {", "model = {'fails_at': 2, "))
    printed = run("out", "--seeds", "0", "1", rows=["joint", "single_semseg"], status=1)
    assert "| Single-T_1 | 2 of 2 |" in printed
    assert "| Joint | 0 of 2 |" in printed
    assert "error: joint_mbv2_nyud, seed 1: train.py ended with exit status 3" in printed
    assert "the last words" in printed
