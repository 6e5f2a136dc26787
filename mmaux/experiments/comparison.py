"""From the results of single runs to the values of a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from mmaux.evaluation.functional import DEFAULT_HEADLINE, delta_m

from .convergence import late_change
from .experiment import Experiment, Group, Metric, Row
from .run_result import RunResult, is_finished, read_result
from .scalars import Series, read_curves
from .setting import Setting
from .statistics import MeanInterval, Summary, paired_difference, summarize

GAIN = Metric("delta_m", "Δm (%)", "up", 2)
"""Multi-task gain over the single-task runs of the same seed."""


@dataclass(frozen=True)
class RunRecord:
    """A finished run in a comparison.

    Attributes:
        folder: Its folder.
        result: Its result.
        values: Its metrics, and the multi-task gain where the single tasks of its seed are done.
        loss_change: See :func:`mmaux.experiments.convergence.late_change`.
    """

    folder: Path
    result: RunResult
    values: Mapping[str, float]
    loss_change: float


@dataclass(frozen=True)
class RowReport:
    """A row with its finished runs.

    Attributes:
        group: Its group.
        row: The row.
        config: Name of its config.
        runs: Finished runs by seed.
        summaries: By metric, over the seeds that have it.
        differences: By metric, from the group's reference of the same seed; empty for that row.
    """

    group: Group
    row: Row
    config: str
    runs: Mapping[int, RunRecord]
    summaries: Mapping[str, Summary]
    differences: Mapping[str, MeanInterval]


@dataclass(frozen=True)
class Comparison:
    """An experiment with what is finished of it.

    Attributes:
        experiment: The experiment.
        setting: What all its runs share.
        metrics: Its metrics and the multi-task gain.
        rows: Its rows.
    """

    experiment: Experiment
    setting: Setting
    metrics: tuple[Metric, ...]
    rows: tuple[RowReport, ...]


def compare(experiment: Experiment, setting: Setting) -> Comparison:
    """Read all finished runs of an experiment and compare them.

    The multi-task gain of a run refers to the single-task runs of its own seed, with the default
    headline metrics (mIoU, RMSE, mean angle); differences pair the runs of a seed too.
    """
    metrics = (*experiment.metrics, GAIN)
    records = {
        (group.title, row.strategy): _records(group, row, setting, experiment.metrics)
        for group, row in experiment.rows()
    }
    rows = []
    for group, row in experiment.rows():
        runs = records[group.title, row.strategy]
        reference = records.get((group.title, group.reference), {})
        rows.append(
            RowReport(
                group=group,
                row=row,
                config=group.config_name(row.strategy, setting.data),
                runs=runs,
                summaries={
                    metric.name: summarize(values)
                    for metric in metrics
                    if (values := [r.values[metric.name] for r in _having(runs, metric).values()])
                },
                differences={}
                if row.strategy == group.reference
                else _differences(runs, reference, metrics=metrics),
            )
        )
    return Comparison(experiment, setting, metrics, tuple(rows))


def _records(
    group: Group, row: Row, setting: Setting, metrics: tuple[Metric, ...]
) -> dict[int, RunRecord]:
    records = {}
    for seed in setting.seeds:
        folder = setting.run_folder(group.config_name(row.strategy, setting.data), seed)
        if not is_finished(folder):
            continue
        result = read_result(folder)
        curves = read_curves(folder)
        values = _logged(curves, metrics) | dict(result.metrics)
        gain = _gain(group, row, setting, seed, result)
        if gain is not None:
            values[GAIN.name] = gain
        loss = curves.get("loss", Series((), ()))
        records[seed] = RunRecord(folder, result, values, late_change(loss))
    return records


def _logged(curves: Mapping[str, Series], metrics: tuple[Metric, ...]) -> dict[str, float]:
    found = {}
    for metric in metrics:
        values = curves[metric.name].values if metric.name in curves else ()
        if values:
            found[metric.name] = median(values) if metric.of_curve == "median" else values[-1]
    return found


def _gain(group: Group, row: Row, setting: Setting, seed: int, result: RunResult) -> float | None:
    """Gain over the single tasks of the seed; None for those, or where one of them is missing."""
    if not group.singles or row.strategy in group.singles:
        return None
    baseline: dict[str, float] = {}
    for strategy in group.singles:
        folder = setting.run_folder(group.config_name(strategy, setting.data), seed)
        if not is_finished(folder):
            return None
        baseline |= read_result(folder).metrics
    headline = {name: better for name, better in DEFAULT_HEADLINE.items() if name in baseline}
    return delta_m(result.metrics, baseline, headline=headline)


def _having(runs: Mapping[int, RunRecord], metric: Metric) -> dict[int, RunRecord]:
    return {seed: record for seed, record in runs.items() if metric.name in record.values}


def _differences(
    runs: Mapping[int, RunRecord],
    reference: Mapping[int, RunRecord],
    *,
    metrics: tuple[Metric, ...],
) -> dict[str, MeanInterval]:
    found = {}
    for metric in metrics:
        ours, theirs = _having(runs, metric), _having(reference, metric)
        seeds = [seed for seed in ours if seed in theirs]
        if seeds:
            found[metric.name] = paired_difference(
                [ours[seed].values[metric.name] for seed in seeds],
                [theirs[seed].values[metric.name] for seed in seeds],
            )
    return found
