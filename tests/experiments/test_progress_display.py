import io
from pathlib import Path

import pytest
from mmengine.config import Config
from rich.console import Console

from mmaux.experiments import RunProgress, RunResult
from mmaux.experiments import progress_display as module
from mmaux.experiments.plan import PlannedRun
from mmaux.experiments.progress_display import ProgressDisplay


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def planned(folder, name, iterations):
    config = Config({"train_cfg": {"max_iters": iterations}})
    return PlannedRun(name, 0, config, folder / name, None)


METRICS = {"semseg/mAcc": 3.0, "semseg/mIoU": 12.34567, "scene/accuracy": 50.0}


def result(name):
    path = Path("x")
    return RunResult(name, 0, 10, 7.0, 1.0, METRICS, path, path, path, path)


@pytest.mark.parametrize("terminal", [False, True])
def test_time_left_and_lines(tmp_path, clock, terminal):
    runs = [planned(tmp_path, name, 10) for name in ("a", "b", "c")]
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "result.json").write_text("{}")
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=150)
    with ProgressDisplay(runs, console=console) as display:
        assert (display.runs_done, display.seconds_left()) == (1, None)
        display.started(runs[0])
        # It was at 4 when this command began: only what came after tells the pace.
        display.advanced(runs[0], RunProgress("train", 4, 10))
        assert display.seconds_left() is None
        clock.now += 9
        display.advanced(runs[0], RunProgress("train", 7, 10))
        assert display.seconds_left() == pytest.approx(13 * 9 / 3)
        clock.now += 9
        display.finished(runs[0], result("a"))
        assert display.seconds_left() == pytest.approx(10 * 18 / 6)
        display.started(runs[1])
        display.failed(runs[1], RuntimeError("no [disk] space"))
    printed = output.getvalue()
    assert "[2/3] a, seed 0: semseg/mIoU 12.35, scene/accuracy 50; 7 s" in printed
    assert "b, seed 0: failed: no [disk] space" in printed
    started = "[3/3] b, seed 0: 10 iterations (about 0:00:30 left)"
    assert (started in printed) == (not terminal)
