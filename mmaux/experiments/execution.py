"""Running what is missing of a plan, one run after another or several at a time."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from .data_identity import data_identity
from .plan import PlannedRun
from .run_result import RunResult, is_finished, read_result
from .training_run import RunProgress, run_training


class RunObserver(Protocol):
    """Who is told how the runs are getting on; calls come from several threads."""

    def started(self, run: PlannedRun) -> None:
        """The run begins, or goes on."""

    def advanced(self, run: PlannedRun, progress: RunProgress) -> None:
        """The run is so far."""

    def finished(self, run: PlannedRun, result: RunResult) -> None:
        """The run has its result."""

    def failed(self, run: PlannedRun, error: Exception) -> None:
        """The run has failed."""


@dataclass(frozen=True)
class Failure:
    """A run without a result.

    Attributes:
        run: The run.
        message: What went wrong.
    """

    run: PlannedRun
    message: str


class _StoppedError(Exception):
    """Another thread was interrupted."""


def run_plan(
    runs: Sequence[PlannedRun], observer: RunObserver, *, workers: int = 1
) -> list[Failure]:
    """Do all runs that are not finished, each after the one that it starts from.

    A failed run holds up only those that start from it. Finished ones are looked at too: a folder
    that holds another run is a failure, and nothing there is touched.

    Args:
        runs: The plan.
        observer: Told of every run that is not finished.
        workers: Runs at a time.

    Returns:
        The failures, in the order of the plan; empty if every run has its result.

    Raises:
        KeyboardInterrupt: All processes have been ended; the same call goes on later.
    """
    stop = threading.Event()
    outcome: dict[PlannedRun, str | None] = {}
    pending: dict[Future[str | None], PlannedRun] = {}
    waiting = list(runs)
    with ThreadPoolExecutor(workers) as pool:
        try:
            while waiting or pending:
                ready = [r for r in waiting if _is_ready(r, runs, outcome)]
                for run in ready[: workers - len(pending)]:
                    waiting.remove(run)
                    pending[pool.submit(_do, run, observer, stop)] = run
                done, _ = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome[pending.pop(future)] = future.result()
        except BaseException:
            stop.set()
            raise
    return [Failure(run, message) for run in runs if (message := outcome[run]) is not None]


def _is_ready(
    run: PlannedRun, runs: Sequence[PlannedRun], outcome: dict[PlannedRun, str | None]
) -> bool:
    return all(other in outcome for other in runs if other.folder == run.needs)


def _do(run: PlannedRun, observer: RunObserver, stop: threading.Event) -> str | None:
    """Do a run; None, or what went wrong."""
    was_finished = is_finished(run.folder)
    notify: Callable[[RunProgress], None] | None = None
    if not was_finished:
        if run.needs is not None and not is_finished(run.needs):
            return f"the run that it starts from has no result ({run.needs})"
        observer.started(run)

        def notify(progress: RunProgress) -> None:
            if stop.is_set():
                raise _StoppedError
            observer.advanced(run, progress)

    try:
        start = read_result(run.needs).trained_checkpoint if run.needs is not None else None
        result = run_training(
            run.config,
            folder=run.folder,
            seed=run.seed,
            load_from=start,
            data=data_identity(run.config),
            on_progress=notify,
        )
    except _StoppedError:
        return "interrupted"
    except Exception as error:
        observer.failed(run, error)
        return str(error)
    if not was_finished:
        observer.finished(run, result)
    return None
