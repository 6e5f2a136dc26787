import runpy
import sys
from pathlib import Path

import pytest
from noisy_evaluator import CALLS

TOOL = Path(__file__).parents[2] / "tools" / "analysis" / "rank_correlation.py"
CONFIG = """
search = dict(
    space=dict(tasks=("semseg", "depth"), num_inputs=2),
    evaluator=dict(type="mmaux.NoisyFake", noise=0.0),
)
rank_study = dict(long=dict(noise=1e-6))
"""


@pytest.fixture
def measure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fake.py").write_text(CONFIG)
    CALLS.clear()

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["rank_correlation.py", *words, "--workers", "0"])
        with pytest.raises(SystemExit) as stopped:
            runpy.run_path(str(TOOL), run_name="__main__")
        captured = capsys.readouterr()
        return stopped.value.code, captured.out + captured.err

    return run


def test_prints_the_taus_and_goes_on(measure, tmp_path):
    status, printed = measure("fake.py", "--architectures", "6")
    assert status == 0
    assert "evaluating: 18/18" in printed
    cells = [[c.strip() for c in line.split("│")] for line in printed.split("\n") if "│" in line]
    rows = {(row[1], row[2]): row[3:6] for row in cells}
    whole = ["1.00", "1.00 to 1.00", "100%"]
    assert rows["ceiling", "10"] == rows["search", "10"] == rows["search", "5"] == whole
    assert len(CALLS) == 18
    file = tmp_path / "work_dirs" / "fake" / "rank_study.jsonl"
    assert len(file.read_text().splitlines()) == 18

    assert measure("fake.py", "--architectures", "7")[0] == 0
    assert len(CALLS) == 21
    options = ["--cfg-options", "search.evaluator.noise=5.0", "--out", "other.jsonl"]
    assert measure("fake.py", "--architectures", "6", *options)[0] == 0
    assert {noise for noise, _ in CALLS[21:]} == {5.0, 1e-6}
    assert len(Path("other.jsonl").read_text().splitlines()) == 18


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fake.py", "--architectures", "1"], "architectures is 1; a ranking has 2 or more"),
        (["absent.py"], "[Errno 2] No such file or directory"),
        (["fake.py", "--cfg-options", "search.space.tasks=[]"], "search space: tasks are []"),
    ],
)
def test_errors(measure, words, message):
    status, printed = measure(*words)
    assert status == 2
    assert f"error: {message}" in printed
