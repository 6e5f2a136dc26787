"""Tables of a comparison in CSV."""

import csv
import io
from collections.abc import Sequence

from .comparison import Comparison

_ROW_COLUMNS = ("group", "row", "config")
_SUMMARY_COLUMNS = ("seeds", "mean", "spread")
_PAIR_COLUMNS = ("pairs", "difference", "low", "high")
_RUN_COLUMNS = ("seed", "iterations", "train_seconds", "test_seconds", "loss_change_percent")


def table_csv(comparison: Comparison) -> str:
    """One line for each row and metric."""
    lines: list[list[object]] = [
        [*_ROW_COLUMNS, "metric", "better", *_SUMMARY_COLUMNS, "paper", *_PAIR_COLUMNS]
    ]
    for report in comparison.rows:
        for metric in comparison.metrics:
            summary = report.summaries.get(metric.name)
            paper = report.row.paper.get(metric.name)
            if summary is None and paper is None:
                continue
            pair = report.differences.get(metric.name)
            lines.append(
                [
                    report.group.title,
                    report.row.label,
                    report.config,
                    metric.name,
                    metric.better,
                    *((0, "", "") if summary is None else vars(summary).values()),
                    paper,
                    *((0, "", "", "") if pair is None else vars(pair).values()),
                ]
            )
    return _csv(lines)


def runs_csv(comparison: Comparison) -> str:
    """One line for each finished run, with all its metrics."""
    records = [
        (report, seed, record)
        for report in comparison.rows
        for seed, record in sorted(report.runs.items())
    ]
    names = list(dict.fromkeys(name for _, _, record in records for name in record.values))
    lines: list[list[object]] = [[*_ROW_COLUMNS, *_RUN_COLUMNS, *names]]
    for report, seed, record in records:
        result = record.result
        lines.append(
            [
                report.group.title,
                report.row.label,
                report.config,
                seed,
                result.iterations,
                round(result.train_seconds, 1),
                round(result.test_seconds, 1),
                record.loss_change,
                *(record.values.get(name) for name in names),
            ]
        )
    return _csv(lines)


def _csv(lines: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
