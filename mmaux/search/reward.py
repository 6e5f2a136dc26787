"""One number for a candidate: the geometric mean of its metrics."""

import math
from collections.abc import Mapping, Sequence

from mmaux.evaluation.functional.delta_m import metric_task

Quality = str | float
"""How a metric becomes a quality: ``'percent'``, ``'fraction'``, or an error's half-way value."""

FLOOR = 1e-3
"""Least quality, so that one hopeless metric does not hide the others."""

QUALITIES: Mapping[str, Quality] = {
    **{f"semseg/{name}": "percent" for name in ("aAcc", "mIoU", "mAcc", "mDice")},
    **{f"semseg/{name}": "percent" for name in ("mFscore", "mPrecision", "mRecall")},
    "depth/abs_rel": 0.5,
    "depth/sq_rel": 0.5,
    "depth/rmse": 1.0,
    "depth/rmse_log": 0.5,
    "depth/log10": 0.15,
    **{f"depth/{name}": "fraction" for name in ("d1", "d2", "d3")},
    "normal/mean": 45.0,
    "normal/median": 45.0,
    "normal/rmse": 45.0,
    **{f"normal/within_{angle}": "percent" for angle in ("11.25", "22.5", "30")},
}
"""The metrics of :mod:`mmaux.evaluation`.

Errors have the half-way value that a network without any skill is near to: the best constant
prediction of indoor depth is off by about 1 m and a factor of 1.5, of indoor normals by about 45
degrees. So a halved error weighs about the same in every task. (With ``1 - angle / 180`` a mean
angle halved from 20 to 10 degrees would count as six percent.)
"""

HEADLINES: Mapping[str, tuple[str, ...]] = {
    "semseg": ("semseg/aAcc", "semseg/mIoU"),
    "depth": ("depth/abs_rel", "depth/rmse"),
    "normal": ("normal/mean",),
}
"""What the paper reports of each task (section 4)."""


def quality(value: float, kind: Quality) -> float:
    """A metric as a number in (0, 1] that rises with quality.

    ``value / 100`` of a percentage, the value of a fraction, and ``1 / (1 + value / h)`` of an
    error with the half-way value h; at least :data:`FLOOR`.

    Args:
        value: The metric; of an error 0 or more, infinity included.
        kind: ``'percent'``, ``'fraction'``, or h.

    Raises:
        ValueError: The kind is unknown, or the value is NaN or out of range.
    """
    if isinstance(kind, str):
        if kind not in ("percent", "fraction"):
            raise ValueError(
                f"a quality is 'percent', 'fraction' or an error's half-way value, found {kind!r}."
            )
        largest = 100.0 if kind == "percent" else 1.0
        if not 0 <= value <= largest:
            raise ValueError(f"found {value}; a {kind} is between 0 and {largest:g}.")
        return max(FLOOR, value / largest)
    if not 0 < kind < math.inf:
        raise ValueError(f"an error's half-way value is above 0, found {kind}.")
    if not value >= 0:
        raise ValueError(f"found {value}; an error is 0 or more.")
    return max(FLOOR, 1 / (1 + value / kind))


def reward_metrics(
    tasks: Sequence[str], metrics: Sequence[str] | Mapping[str, Quality] | None = None
) -> dict[str, Quality]:
    """Which metrics make the reward, and how.

    Args:
        tasks: Tasks of the network.
        metrics: Names of known metrics (:data:`QUALITIES`), or any names with their qualities; by
            default the :data:`HEADLINES` of the tasks.

    Raises:
        ValueError: A metric is unknown, or a task has none.
    """
    if metrics is None:
        unknown = [task for task in tasks if task not in HEADLINES]
        if unknown:
            raise ValueError(
                f"reward: no metric is known for the task {unknown[0]!r}, only for "
                f"{list(HEADLINES)}; name all metrics with their qualities, such as "
                f"{{'{unknown[0]}/error': 0.5, ...}}."
            )
        metrics = [name for task in tasks for name in HEADLINES[task]]
    if isinstance(metrics, Mapping):
        chosen = {name: kind for name, kind in metrics.items() if name != "_scope_"}
        for name, kind in chosen.items():
            try:
                quality(0.0, kind)
            except (ValueError, TypeError) as error:
                raise ValueError(f"reward: metric {name!r}: {error}") from error
    else:
        missing = [name for name in metrics if name not in QUALITIES]
        if missing:
            raise ValueError(
                f"reward: unknown metric {missing[0]!r}; known are {list(QUALITIES)}. Of others "
                f"give the quality too: {{'{missing[0]}': 'percent', ...}}."
            )
        chosen = {name: QUALITIES[name] for name in metrics}
    without = [task for task in tasks if task not in map(metric_task, chosen)]
    if without or not chosen:
        raise ValueError(
            f"reward: the metrics {list(chosen)} say nothing about {without}; a search would "
            "give these tasks up."
        )
    return chosen


def geometric_mean_reward(results: Mapping[str, float], metrics: Mapping[str, Quality]) -> float:
    """The geometric mean over tasks of the geometric mean of each task's qualities.

    "The geometric mean of the evaluation metrics is employed as the reward" (section 3.2 of Liu
    et al., 1909.02214). A task's metrics are averaged first, so that every task weighs the same.

    Args:
        results: Metric values by name.
        metrics: See :func:`reward_metrics`.

    Returns:
        In (0, 1].

    Raises:
        ValueError: A metric is missing, NaN or out of range.
    """
    logarithms: dict[str, list[float]] = {}
    for name, kind in metrics.items():
        if name not in results:
            raise ValueError(
                f"reward: the evaluation gave no {name!r}; it gave {sorted(results)}. Add the "
                "metric to the config's val_evaluator."
            )
        try:
            logarithm = math.log(quality(results[name], kind))
        except ValueError as error:
            raise ValueError(f"reward: metric {name!r}: {error}") from error
        logarithms.setdefault(metric_task(name), []).append(logarithm)
    means = [math.fsum(values) / len(values) for values in logarithms.values()]
    return math.exp(math.fsum(means) / len(means))
