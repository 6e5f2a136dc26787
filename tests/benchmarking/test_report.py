import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

import mmaux
from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.quartiles import Quartiles
from mmaux.benchmarking.report import BenchmarkReport


@pytest.fixture
def report() -> BenchmarkReport:
    comparison = Comparison.of(
        {"joint": (0.5, 0.5), "auxi": (0.6, 0.6)},
        title="a step",
        unit="ms",
        reference="joint",
        scale=1e3,
        aim=1.25,
    )
    return BenchmarkReport(
        name="train_step",
        machine=describe_machine(),
        settings={"batch size": 8},
        comparisons=[comparison],
        details={"throughput": {"mmaux, samples/s": Quartiles.of([1, 2, 3])}},
        readings={"raw": [(1, 2)]},
        command="train_step.py --size 64x96",
    )


def test_printed(report: BenchmarkReport) -> None:
    text = io.StringIO()
    report.print(Console(file=text, width=200))
    for expected in (
        f"torch {torch.__version__}",
        "batch size 8",
        "a step: median (quartiles)",
        "500 (500 to 500)",
        "1.200 (1.200 to 1.200)",
        "aim: at most 1.25",
        "met",
        "2 (1.5 to 2.5)",
    ):
        assert expected in text.getvalue()
    assert "raw" not in text.getvalue()


def test_written(report: BenchmarkReport, tmp_path: Path) -> None:
    report.write(str(tmp_path / "report.json"))
    content = json.loads((tmp_path / "report.json").read_text())
    assert content["command"] == "train_step.py --size 64x96"
    assert content["machine"]["versions"]["mmaux"] == mmaux.__version__
    assert content["comparisons"][0]["ratios"]["auxi"]["median"] == pytest.approx(1.2)
    assert content["details"]["throughput"]["mmaux, samples/s"]["count"] == 3
    assert content["readings"] == {"raw": [[1, 2]]}


def test_theory_has_a_column(report: BenchmarkReport) -> None:
    comparison = replace(report.comparisons[0], theory={"auxi": "one and a bit"})
    text = io.StringIO()
    replace(report, comparisons=[comparison]).print(Console(file=text, width=200))
    (row,) = (line for line in text.getvalue().splitlines() if "one and a bit" in line)
    assert [cell.strip() for cell in row.split("│")][3:5] == [
        "1.200 (1.200 to 1.200)",
        "one and a bit",
    ]
