"""Report of a comparison: tables in Markdown, and all files together."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmaux.utils.files import atomic_write, ensure_writable_dir

from .comparison import Comparison, RowReport
from .convergence import FLAT_PERCENT
from .experiment import DATA, ENCODER_DISTANCE, Metric
from .exploration import relative_distances
from .report_csv import runs_csv, table_csv
from .run_environment import describe_environments
from .run_folder import read_environments
from .scatter import draw_scatter
from .setting import Setting
from .statistics import MeanInterval, Summary, summarize

_ARROWS = {"up": " ↑", "down": " ↓", "": ""}
_NONE = "-"
HEADLINE = "mIoU, RMSE, mean angle, accuracy of scenes"


def write_report(comparison: Comparison) -> list[Path]:
    """Write ``report.md``, ``table.csv``, ``runs.csv`` and, if it has one, ``scatter.png``.

    Durations of runs are in ``runs.csv`` only. All else depends on nothing but the runs' results,
    unless the experiment has :data:`mmaux.experiments.experiment.SECONDS` among its metrics.

    Returns:
        The files, in the folder ``{experiment}_{data}_{schedule}`` below the setting's.
    """
    experiment, setting = comparison.experiment, comparison.setting
    folder = ensure_writable_dir(
        setting.out / f"{experiment.name}_{setting.data}_{setting.schedule}"
    )
    texts = {
        "report.md": markdown(comparison),
        "table.csv": table_csv(comparison),
        "runs.csv": runs_csv(comparison),
    }
    for name, text in texts.items():
        with atomic_write(folder / name, "w") as file:
            file.write(text)
    files = [folder / name for name in texts]
    if experiment.scatter is not None and draw_scatter(comparison, folder / "scatter.png"):
        files.append(folder / "scatter.png")
    return files


def markdown(comparison: Comparison) -> str:
    """The whole report."""
    experiment, setting = comparison.experiment, comparison.setting
    parts = [
        f"# {experiment.title}",
        f"Data: {DATA[setting.data]}. Schedule: {setting.schedule}. "
        f"{_start(setting)}"
        f"Seeds: {', '.join(map(str, setting.seeds))}. {_environment(comparison)}",
        f"Values are mean ± standard deviation over the seeds. Δm is the multi-task gain over the "
        f"single-task runs of the same seed ({HEADLINE}).{_paper(comparison)}",
        experiment.note,
    ]
    groups = {report.group.title: report.group for report in comparison.rows}
    for group in groups.values():
        rows = [report for report in comparison.rows if report.group is group]
        head = f" ({group.title})" if len(groups) > 1 else ""
        labels = {report.row.strategy: report.row.label for report in rows}
        parts += [
            f"## Results{head}",
            markdown_table(_result_table(rows, comparison.metrics, total=len(setting.seeds))),
            f"## Differences from {labels.get(group.reference, group.reference)}{head}",
            "Mean difference of runs of the same seed [95 % interval of the paired t test]; bold "
            "where the interval excludes zero. With few seeds the interval is wide, and no "
            "correction is made for the number of comparisons.",
            markdown_table(_difference_table(rows, comparison.metrics)),
        ]
        if ENCODER_DISTANCE in comparison.experiment.metrics:
            parts += [
                f"## Distances between runs{head}",
                "Distance of the encoders of each two seeds, over the root of their mean squared "
                "norm: mean ± standard deviation over the pairs.",
                markdown_table(_distance_table(rows)),
            ]
    parts += ["## Training curves", _curves(comparison)]
    return "\n\n".join(parts) + "\n"


def _result_table(
    rows: Sequence[RowReport], metrics: Sequence[Metric], *, total: int
) -> Iterator[list[str]]:
    with_paper = [m for m in metrics if any(m.name in report.row.paper for report in rows)]
    head = ["", "seeds"]
    for metric in metrics:
        head.append(f"{metric.label}{_ARROWS[metric.better]}")
        if metric in with_paper:
            head.append("*paper*")
    yield head
    for report in rows:
        cells = [report.row.label, f"{len(report.runs)} of {total}"]
        for metric in metrics:
            cells.append(_summary(report.summaries.get(metric.name), metric))
            if metric in with_paper:
                cells.append(_number(report.row.paper.get(metric.name), metric))
        yield cells


def _difference_table(rows: Sequence[RowReport], metrics: Sequence[Metric]) -> Iterator[list[str]]:
    yield ["", "pairs", *(f"{metric.label}{_ARROWS[metric.better]}" for metric in metrics)]
    for report in rows:
        if report.differences:
            cells = [_difference(report.differences.get(metric.name), metric) for metric in metrics]
            pairs = max(pair.count for pair in report.differences.values())
            yield [report.row.label, str(pairs), *cells]


def _distance_table(rows: Sequence[RowReport]) -> Iterator[list[str]]:
    yield ["", "pairs", "distance"]
    for report in rows:
        checkpoints = [record.result.checkpoint for record in report.runs.values()]
        distances = relative_distances(checkpoints)
        summary = summarize(distances) if distances else None
        yield [report.row.label, str(len(distances)), _summary(summary, ENCODER_DISTANCE)]


def _curves(comparison: Comparison) -> str:
    changes = [
        (record.loss_change, record.result.iterations, report.row.label, seed)
        for report in comparison.rows
        for seed, record in report.runs.items()
    ]
    if not changes:
        return "No run is finished yet."
    lengths = sorted({length for _, length, _, _ in changes})
    steep = [entry for entry in changes if not abs(entry[0]) < FLAT_PERCENT]
    text = (
        f"{' or '.join(map(str, lengths))} iterations. Change of the training loss over the last "
        "tenth of them (its mean against that of the tenth before): "
        f"under {FLAT_PERCENT:g} % in {len(changes) - len(steep)} of {len(changes)} runs"
    )
    if not steep:
        return f"{text}; the largest is {max(abs(change) for change, *_ in changes):.1f} %."
    listed = ", ".join(
        f"{label} seed {seed} " + ("unknown" if math.isnan(change) else f"{change:+.1f} %")
        for change, _, label, seed in steep
    )
    return f"{text}. Not flat: {listed}."


def _start(setting: Setting) -> str:
    if setting.backbone_weights is None:
        return ""
    return f"Backbones start from {Path(setting.backbone_weights).name}. "


def _environment(comparison: Comparison) -> str:
    """Hardware, versions and revision of all runs, each named once."""
    folders = {r.folder: None for report in comparison.rows for r in report.runs.values()}
    environments = [entry for folder in folders for entry in read_environments(folder)]
    return describe_environments(environments)


def _paper(comparison: Comparison) -> str:
    """Where the paper's numbers are from, if there are any."""
    data = comparison.experiment.paper_data
    if data is None:
        return ""
    comparable = data == comparison.setting.data
    end = "." if comparable else ", not comparable with these data."
    return f" *paper*: the paper's own numbers, on {DATA[data]}{end}"


def _summary(summary: Summary | None, metric: Metric) -> str:
    if summary is None:
        return _NONE
    mean = f"{summary.mean:.{metric.digits}f}"
    return mean if summary.spread is None else f"{mean} ± {summary.spread:.{metric.digits}f}"


def _difference(pair: MeanInterval | None, metric: Metric) -> str:
    if pair is None:
        return _NONE
    mean = f"{pair.mean:+.{metric.digits}f}"
    if pair.low is None or pair.high is None:
        return mean
    text = f"{mean} [{pair.low:+.{metric.digits}f}, {pair.high:+.{metric.digits}f}]"
    return f"**{text}**" if pair.excludes_zero else text


def _number(value: float | None, metric: Metric) -> str:
    return _NONE if value is None else f"{value:.{metric.digits}f}"


def markdown_table(table: Iterator[list[str]]) -> str:
    """A Markdown table of rows of cells, the first of them the head."""
    head, *rows = table
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))
