"""Multi-task gain: how much better a multi-task model is than single-task baselines."""

import math
from collections.abc import Mapping

DEFAULT_HEADLINE: Mapping[str, str] = {
    "semseg/mIoU": "up",
    "depth/rmse": "down",
    "normal/mean": "down",
    "scene/accuracy": "up",
}
"""One metric a task; ``up`` means that a higher value is better, ``down`` that a lower one is."""

_SIGNS = {"up": 1.0, "down": -1.0}


def metric_task(name: str) -> str:
    """Task of a metric name: the part before the last slash (``depth`` of ``depth/rmse``)."""
    return name.rpartition("/")[0] or name


def _value(values: Mapping[str, float], name: str, source: str) -> float:
    if name not in values:
        available = ", ".join(sorted(values)) or "no metrics"
        raise ValueError(
            f"metric '{name}' is not in the {source}; available: {available}. Evaluate it there, "
            "or choose the metrics to compare with `headline`."
        )
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"metric '{name}' of the {source} must be a number, got {value!r}.")
    return float(value)


def task_gains(
    results: Mapping[str, float],
    baseline: Mapping[str, float],
    *,
    headline: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """Relative gain of every task over its baseline, in percent; positive is better.

    The gain of one metric is ``(-1)^l (M_m - M_b) / M_b`` with ``l = 1`` where lower is better; the
    gain of a task is the mean over its metrics.

    Args:
        results: Metric values of the multi-task model, ``{'semseg/mIoU': 41.2, ...}``. A NaN (no
            labelled sample) makes the task's gain NaN.
        baseline: Metric values of the single-task models, finite and positive.
        headline: Metrics to compare and their direction, ``'up'`` or ``'down'``. The task is the
            part of the name before the last slash. By default :data:`DEFAULT_HEADLINE`, as far as
            one of the models has the metric.

    Returns:
        Gain in percent by task, in the order of ``headline``.

    Raises:
        ValueError: If ``headline`` is empty or has an unknown direction, if a metric is missing,
            or if a baseline value is zero, negative or not finite.
        TypeError: If a value is not a number.
    """
    if headline is None:
        known = results.keys() | baseline.keys()
        headline = {name: better for name, better in DEFAULT_HEADLINE.items() if name in known}
    if not headline:
        raise ValueError(
            "`headline` is empty: name at least one metric, as in {'semseg/mIoU': 'up'}."
        )
    gains: dict[str, list[float]] = {}
    for name, direction in headline.items():
        if direction not in _SIGNS:
            raise ValueError(
                f"headline['{name}'] has the unknown direction {direction!r}: expected 'up' "
                "(higher is better) or 'down' (lower is better)."
            )
        reference = _value(baseline, name, "baseline")
        value = _value(results, name, "results")
        if not math.isfinite(reference) or reference <= 0:
            raise ValueError(
                f"baseline value of '{name}' is {reference}: a relative gain needs a positive, "
                "finite value. Check the baseline's run or leave this metric out of `headline`."
            )
        gain = 100.0 * _SIGNS[direction] * (value - reference) / reference
        gains.setdefault(metric_task(name), []).append(gain)
    return {task: sum(values) / len(values) for task, values in gains.items()}


def delta_m(
    results: Mapping[str, float],
    baseline: Mapping[str, float],
    *,
    headline: Mapping[str, str] | None = None,
) -> float:
    """Multi-task gain in percent: mean over tasks of :func:`task_gains`; positive is better.

    Maninis et al., "Attentive Single-Tasking of Multiple Tasks", CVPR 2019. With several metrics of
    one task the mean is taken within the task first, so that every task weighs the same.

    Args:
        results: As in :func:`task_gains`.
        baseline: As in :func:`task_gains`.
        headline: As in :func:`task_gains`.

    Returns:
        The gain in percent.

    Raises:
        ValueError: As in :func:`task_gains`.
        TypeError: As in :func:`task_gains`.
    """
    gains = task_gains(results, baseline, headline=headline)
    return sum(gains.values()) / len(gains)
