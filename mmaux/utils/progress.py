"""Progress of a long conversion, on a terminal or in a log file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_LOG_LINES = 20


@contextmanager
def progress_bar(description: str, *, total: int) -> Iterator[Callable[[], None]]:
    """Show progress; the value is a function to call after each of ``total`` steps.

    Where the output is no terminal, a plain line is printed after every twentieth part.
    """
    console = Console()
    if not console.is_terminal:
        yield _log_lines(description, total=total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(description, total=total)
        yield lambda: bar.advance(task)


def _log_lines(description: str, *, total: int) -> Callable[[], None]:
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done * _LOG_LINES // total != (done - 1) * _LOG_LINES // total:
            print(f"{description}: {done}/{total}", flush=True)

    return advance
