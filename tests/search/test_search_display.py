import io
from dataclasses import replace

import pytest
from rich.console import Console
from small_search import record

from mmaux.search import search_rate
from mmaux.search.search_display import SearchDisplay


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


@pytest.mark.parametrize("terminal", [False, True])
def test_lines_pace_and_time_left(monkeypatch, terminal):
    clock = Clock()
    monkeypatch.setattr(search_rate, "time", clock)
    before, first, second, third = record([0.5, 0.2, 0.8, 0.0], seconds=7.0).proposals
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=250)
    with SearchDisplay("ppo", [before], total=10, console=console) as display:
        display.started(first)
        assert display.state() == "best 0.5000, mean of the last 1 0.5000, 0 duplicates"
        clock.now += 30
        display.finished(first)
        display.finished(replace(first, status="duplicate", duplicate_of=0))
        clock.now += 30
        display.finished(replace(second, stopped_early=True, curve=((40, 0.8),)))
        # Two in a minute, by this start; seven of ten are missing.
        assert display.state().endswith("1 duplicates, 120 an hour, about 0:03:30 left")
        display.finished(replace(third, status="failed", error="line\nMemoryError: no [room]\n"))
    printed = output.getvalue()
    assert (
        "[2/10] ppo, candidate 1: reward 0.2000; 7.0 s (best 0.5000, mean of the last 2" in printed
    )
    assert "candidate 2: reward 0.8000, stopped at iteration 40; 7.0 s (best 0.8000" in printed
    assert (
        "[4/10] ppo, candidate 3: reward 0.0000, failed: MemoryError: no [room]; 7.0 s" in printed
    )
