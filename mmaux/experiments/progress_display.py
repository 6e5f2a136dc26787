"""Progress of an experiment: runs and iterations done, time left."""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from mmaux.evaluation.functional import DEFAULT_HEADLINE

from .plan import PlannedRun, missing_runs
from .run_result import RunResult
from .training_run import RunProgress


class ProgressDisplay:
    """Bars on a terminal, a line at each start and end elsewhere.

    The time left is the number of iterations left at the pace of this command so far.

    Args:
        runs: The whole plan.
        console: Where to write.
    """

    def __init__(self, runs: Sequence[PlannedRun], *, console: Console | None = None) -> None:
        self.console = console or Console()
        self.runs = len(runs)
        self.total = sum(run.iterations for run in runs)
        missing = missing_runs(runs)
        self.runs_done = self.runs - len(missing)
        self.iterations = dict.fromkeys(missing, 0)
        self._first: dict[PlannedRun, int] = {}
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._bars: dict[PlannedRun, TaskID] = {}
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
        )
        self._progress = Progress(
            *columns, console=self.console, disable=not self.console.is_terminal
        )
        self._all = self._progress.add_task("", total=self.total, left="")

    def __enter__(self) -> "ProgressDisplay":
        self._progress.start()
        self._refresh()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def started(self, run: PlannedRun) -> None:
        """A run begins, or goes on."""
        with self._lock:
            self._bars[run] = self._progress.add_task(run.title, total=run.iterations, left="")
            self._say(f"{self._count(1)} {run.title}: {run.iterations} iterations{self._left(' ')}")

    def advanced(self, run: PlannedRun, progress: RunProgress) -> None:
        """A run is so far."""
        with self._lock:
            self._first.setdefault(run, progress.done)
            self.iterations[run] = progress.done
            text = f"{run.title}: {progress.phase}"
            self._progress.update(self._bars[run], completed=progress.done, description=text)
            self._refresh()

    def finished(self, run: PlannedRun, result: RunResult) -> None:
        """A run has its result."""
        with self._lock:
            self.runs_done += 1
            self.iterations[run] = run.iterations
            values = ", ".join(
                f"{name} {result.metrics[name]:.4g}"
                for name in DEFAULT_HEADLINE
                if name in result.metrics
            )
            self._end(run, f"{self._count()} {run.title}: {values}; {result.train_seconds:.0f} s")

    def failed(self, run: PlannedRun, error: Exception) -> None:
        """A run has failed."""
        with self._lock:
            self._end(run, f"{run.title}: failed: {error}")

    def seconds_left(self) -> float | None:
        """Estimate; None before anything was trained."""
        trained = sum(self.iterations[run] - first for run, first in self._first.items())
        if trained <= 0:
            return None
        left = sum(run.iterations - done for run, done in self.iterations.items())
        return left * (time.monotonic() - self._start) / trained

    def _end(self, run: PlannedRun, text: str) -> None:
        if run in self._bars:
            self._progress.remove_task(self._bars.pop(run))
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)
        self._refresh()

    def _say(self, text: str) -> None:
        if not self.console.is_terminal:
            self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _count(self, more: int = 0) -> str:
        return f"[{self.runs_done + more}/{self.runs}]"

    def _left(self, before: str = "") -> str:
        seconds = self.seconds_left()
        if seconds is None:
            return ""
        return f"{before}(about {timedelta(seconds=round(seconds))} left)"

    def _refresh(self) -> None:
        done = self.total - sum(run.iterations - n for run, n in self.iterations.items())
        text = f"{self.runs_done} of {self.runs} runs, iterations"
        self._progress.update(self._all, completed=done, description=text, left=self._left())
