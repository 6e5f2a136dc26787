"""What a benchmark prints and writes."""

import argparse
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from mmaux.utils.files import atomic_write

from .comparison import Comparison
from .machine import Machine
from .quartiles import Quartiles

_FILE_WIDTH = 120


@dataclass(frozen=True)
class BenchmarkReport:
    """A benchmark's result with all that is needed to repeat it.

    Attributes:
        name: Name of the benchmark.
        machine: What it ran on.
        settings: What was measured: configs, sizes, numbers.
        comparisons: The results.
        details: Further results by title: rows of names and numbers, texts or quartiles.
        readings: Raw measurements, which are written and not printed.
        command: The command line.
    """

    name: str
    machine: Machine
    settings: Mapping[str, Any]
    comparisons: Sequence[Comparison] = ()
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    readings: Mapping[str, Any] = field(default_factory=dict)
    command: str = field(default_factory=lambda: shlex.join(sys.argv))

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)

    def write(self, path: str) -> None:
        """Write JSON.

        Raises:
            OutputPathError: The file cannot be written.
        """
        with atomic_write(path, "w") as file:
            json.dump(self.to_dict(), file, indent=2)
            file.write("\n")

    def print(self, console: Console) -> None:
        """Write tables."""
        for line in self.machine.lines():
            console.print(line, highlight=False, markup=False)
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        console.print(settings, highlight=False, markup=False)
        for comparison in self.comparisons:
            console.print(_comparison_table(comparison))
        for title, rows in self.details.items():
            table = Table(title=title, title_justify="left", show_header=False)
            for name, value in rows.items():
                table.add_row(name, format_value(value))
            console.print(table)


def add_report_arguments(parser: argparse.ArgumentParser, *, rounds: int | None = None) -> None:
    """Options that benchmarks share: ``--rounds``, with this default if any, and ``--out``."""
    if rounds is not None:
        parser.add_argument(
            "--rounds", type=int, default=rounds, help="measurements of each variant (%(default)s)"
        )
    parser.add_argument("--out", metavar="FILE", help="write the report as JSON")


def finish(report: BenchmarkReport, *, out: str | None) -> None:
    """Print a report and, if asked for, write it.

    Raises:
        OutputPathError: The file cannot be written.
    """
    console = Console()
    report.print(console if console.is_terminal else Console(width=_FILE_WIDTH))
    if out is not None:
        report.write(out)
        print(f"wrote {out}")


def format_value(value: Any) -> str:
    """A cell: numbers with four digits, quartiles as ``median (lower to upper)``."""
    if isinstance(value, Quartiles):
        return f"{value.median:.4g} ({value.lower:.4g} to {value.upper:.4g})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _comparison_table(comparison: Comparison) -> Table:
    table = Table(title=f"{comparison.title}: median (quartiles)", title_justify="left")
    for heading in ("", comparison.unit, f"over {comparison.reference}"):
        table.add_column(heading)
    if comparison.theory:
        table.add_column("theory")
    verdicts = comparison.verdicts()
    if verdicts:
        table.add_column(f"aim: at most {comparison.aim:g}")
    for name, value in comparison.values.items():
        ratio = comparison.ratios.get(name)
        cell = ""
        if ratio is not None:
            cell = f"{ratio.median:.3f} ({ratio.lower:.3f} to {ratio.upper:.3f})"
        further = [column.get(name, "") for column in (comparison.theory, verdicts) if column]
        table.add_row(name, format_value(value), cell, *further)
    return table
