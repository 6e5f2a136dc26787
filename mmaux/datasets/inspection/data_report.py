"""Printing the data check's report."""

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from .problem import Problem
from .split_inspection import SplitReport

_LINES_A_KIND = 20


def print_tables(report: SplitReport, console: Console) -> None:
    """Print one table a task, the notes, and the speed."""
    for task, rows in report.tables.items():
        table = Table(
            title=f"{report.name}: {task}",
            title_justify="left",
            box=box.SIMPLE_HEAD,
            show_header=False,
        )
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(name, value)
        console.print(table, highlight=False, markup=False)
    for note in report.notes:
        console.print(f"note: {report.name}: {note}", markup=False, highlight=False)
    speed = report.num_samples / max(report.seconds, 1e-9)
    text = f"{report.name}: {report.num_samples} of {report.num_listed} samples looked at, "
    console.print(f"{text}{speed:.1f} samples/s", highlight=False)


def problem_lines(problems: Sequence[Problem], *, full_list: str | None) -> list[str]:
    """One line a problem.

    Args:
        problems: The problems.
        full_list: Name of the file that holds all lines; if given, at most 20 lines of a kind are
            returned, followed by one that says how many more there are.
    """
    if full_list is None:
        return [str(problem) for problem in problems]
    lines: list[str] = []
    total = Counter(problem.kind for problem in problems)
    for kind, count in total.items():
        lines += [str(problem) for problem in problems if problem.kind == kind][:_LINES_A_KIND]
        if count > _LINES_A_KIND:
            more = count - _LINES_A_KIND
            lines.append(f"... and {more} more like this ({kind}), see {full_list}")
    return lines


def summary_line(num_problems: int, num_samples: int) -> str:
    """The last line: ``N problems in M samples``."""
    problems = "1 problem" if num_problems == 1 else f"{num_problems or 'no'} problems"
    return f"{problems} in {num_samples} {'sample' if num_samples == 1 else 'samples'}"
