"""Evaluator that compares a multi-task model with single-task runs."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.logging import print_log

from mmaux.evaluation.functional import DEFAULT_HEADLINE, metric_task, task_gains
from mmaux.evaluation.streaming_metric import StreamingMetric
from mmaux.registry import EVALUATORS

Baseline = str | Path | Sequence[str | Path] | Mapping[str, float]


@EVALUATORS.register_module()
class MultiTaskGain(Evaluator):
    """Evaluates all metrics and adds ``delta_m`` and ``gain/TASK``, in percent.

    In a config::

        test_evaluator = dict(
            type='mmaux.MultiTaskGain',
            metrics=[dict(type='mmaux.SemSegMetric'), dict(type='mmaux.DepthMetric')],
            baseline=['work_dirs/semseg/.../20260101_000000.json', 'work_dirs/depth/.../....json'])

    A baseline file is the JSON that ``tools/test.py`` writes to its log folder: one object with the
    values by metric name. It must come from the same metrics with the same options.

    Args:
        metrics: Metrics, or their configs, as for mmengine's ``Evaluator``.
        baseline: Result file of one run, or of several single-task runs, or the values themselves.
        headline: Metrics to compare and their direction, ``'up'`` or ``'down'``. By default
            semseg/mIoU (up), depth/rmse and normal/mean (down), scene/accuracy (up), as far as
            ``metrics`` has the task.

    Raises:
        FileNotFoundError: If a baseline file does not exist.
        ValueError: If a baseline file is no JSON object, a headline metric is missing there or in
            the results or has different values in two files, a baseline value is not positive, or
            a direction is unknown. All this is found when it is built; only results of other
            packages' metrics are known no sooner than at evaluation.
        TypeError: If a baseline value is not a number.
    """

    def __init__(
        self,
        metrics: dict | BaseMetric | Sequence,
        *,
        baseline: Baseline,
        headline: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(metrics)
        self.headline = dict(self._default_headline() if headline is None else headline)
        self._check_headline()
        self.baseline = _read_baseline(baseline, self.headline)
        try:  # a bad direction, a missing or zero baseline: now, not after hours of testing
            task_gains(self.baseline, self.baseline, headline=self.headline)
        except ValueError as error:
            source = "given as values" if isinstance(baseline, Mapping) else f"from {baseline}"
            raise ValueError(f"{error} (baseline {source})") from error

    def evaluate(self, size: int) -> dict[str, float]:
        """Results of all metrics, ``gain/TASK`` for every headline task and ``delta_m``."""
        results = super().evaluate(size)
        gains = task_gains(results, self.baseline, headline=self.headline)
        total = sum(gains.values()) / len(gains)
        values = ", ".join(
            f"{name} {results[name]:.4g} (baseline {self.baseline[name]:.4g})"
            for name in self.headline
        )
        parts = ", ".join(f"{task} {gain:+.2f}" for task, gain in gains.items())
        print_log(f"delta_m {total:+.2f} % ({parts}); {values}", logger="current")
        return results | {f"gain/{task}": gain for task, gain in gains.items()} | {"delta_m": total}

    def _default_headline(self) -> dict[str, str]:
        prefixes = {metric.prefix for metric in self.metrics}
        headline = {k: v for k, v in DEFAULT_HEADLINE.items() if metric_task(k) in prefixes}
        if not headline:
            raise ValueError(
                "MultiTaskGain has no default headline for metrics with the prefixes "
                f"{sorted(map(str, prefixes))}: set it, as in headline={{'semseg/mIoU': 'up'}}."
            )
        uncovered = sorted(map(str, prefixes - {metric_task(name) for name in headline}))
        if uncovered:
            print_log(
                f"delta_m leaves out {', '.join(uncovered)}: there is no default headline metric "
                "for them; name all of them in headline={'depth/rmse': 'down', ...}.",
                logger="current",
                level=logging.WARNING,
            )
        return headline

    def _check_headline(self) -> None:
        """Find a metric that is not evaluated before hours of testing, where names are known."""
        known: list[str] = []
        for metric in self.metrics:
            if not isinstance(metric, StreamingMetric):
                return
            known += metric.result_names
        missing = [name for name in self.headline if name not in known]
        if missing:
            raise ValueError(
                f"headline: {', '.join(missing)} is not among the results of `metrics`; "
                f"available: {', '.join(known)}."
            )


def _read_baseline(baseline: Baseline, headline: Mapping[str, str]) -> dict[str, float]:
    """Values of one or several result files, which must agree on the headline metrics."""
    if isinstance(baseline, Mapping):
        return dict(baseline)
    paths = [baseline] if isinstance(baseline, (str, Path)) else list(baseline)
    if not paths:
        raise ValueError("baseline is empty: give the JSON file of at least one test run.")
    merged: dict[str, float] = {}
    origin: dict[str, Path] = {}
    for path in map(Path, paths):
        for name, value in _read_result_file(path).items():
            if name in headline and name in merged and merged[name] != value:
                raise ValueError(
                    f"baseline: '{name}' is {merged[name]} in {origin[name]} but {value} in "
                    f"{path}: give one file a task, or a dict with the values to use."
                )
            merged.setdefault(name, value)
            origin.setdefault(name, path)
    return merged


def _read_result_file(path: Path) -> dict[str, float]:
    if not path.is_file():
        raise FileNotFoundError(
            f"baseline: no file {path} (relative paths start at {Path.cwd()}): give the JSON file "
            "that tools/test.py wrote for the single-task run."
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"baseline: {path} is not a JSON file ({error}). Expected the file that tools/test.py "
            "writes beside its log, not the scalars of training or a checkpoint."
        ) from error
    if not isinstance(content, dict):
        raise ValueError(
            f"baseline: {path} holds a {type(content).__name__}, expected one object with values "
            "by metric name, as in {'semseg/mIoU': 38.1}."
        )
    return content
