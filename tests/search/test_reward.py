import math

import pytest
from mmengine.config import ConfigDict

from mmaux.evaluation import DepthMetric, NormalMetric, SemSegMetric
from mmaux.search.reward import (
    FLOOR,
    HEADLINES,
    QUALITIES,
    geometric_mean_reward,
    quality,
    reward_metrics,
)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (64.0, "percent", 0.64),
        (100.0, "percent", 1.0),
        (0.0, "percent", FLOOR),
        (0.25, "fraction", 0.25),
        (0.0, 1.0, 1.0),
        (1.0, 1.0, 0.5),
        (0.6, 1.0, 0.625),
        (15.0, 45.0, 0.75),
        (math.inf, 45.0, FLOOR),
    ],
)
def test_quality_by_hand(value: float, kind: str | float, expected: float) -> None:
    assert quality(value, kind) == pytest.approx(expected, rel=1e-12)


def test_known_metrics_are_those_of_the_metric_classes() -> None:
    everything = SemSegMetric(iou_metrics=("mIoU", "mDice", "mFscore"))
    metrics = (everything, DepthMetric(), NormalMetric())
    assert QUALITIES.keys() == {name for metric in metrics for name in metric.result_names}


@pytest.mark.parametrize("name", list(QUALITIES))
def test_quality_rises_in_the_metric_s_better_direction(name: str) -> None:
    kind = QUALITIES[name]
    values = [quality(value, kind) for value in (0.1, 0.4, 0.9)]
    errors = ["abs_rel", "sq_rel", "rmse", "rmse_log", "log10", "mean", "median"]
    is_error = name.split("/")[1] in errors
    assert values == sorted(values, reverse=is_error)
    assert len(set(values)) == 3
    assert all(0 < value <= 1 for value in values)


def test_reward_by_hand() -> None:
    results = {
        "semseg/aAcc": 81.0,
        "semseg/mIoU": 25.0,
        "semseg/mAcc": 3.0,
        "depth/abs_rel": 0.125,
        "depth/rmse": 1.0,
        "normal/mean": 45.0,
    }
    semseg = math.sqrt(0.81 * 0.25)  # 0.45
    depth = math.sqrt(0.8 * 0.5)
    two = geometric_mean_reward(results, reward_metrics(("semseg", "depth")))
    assert two == pytest.approx(math.sqrt(semseg * depth), rel=1e-12)
    three = geometric_mean_reward(results, reward_metrics(("semseg", "depth", "normal")))
    assert three == pytest.approx((semseg * depth * 0.5) ** (1 / 3), rel=1e-12)
    named = reward_metrics(("semseg", "depth"), ["semseg/mIoU", "depth/rmse"])
    assert geometric_mean_reward(results, named) == pytest.approx(math.sqrt(0.25 * 0.5))


def test_a_perfect_network_has_reward_one() -> None:
    metrics = reward_metrics(tuple(HEADLINES))
    results = {name: 100.0 if kind == "percent" else 0.0 for name, kind in metrics.items()}
    assert geometric_mean_reward(results, metrics) == 1.0


def test_a_task_of_the_user_s_own() -> None:
    given = ConfigDict({"edge/odsF": "fraction", "depth/rmse": 1.0, "_scope_": "mmaux"})
    metrics = reward_metrics(("depth", "edge"), given)
    assert geometric_mean_reward({"edge/odsF": 0.5, "depth/rmse": 1.0}, metrics) == 0.5


@pytest.mark.parametrize(
    ("tasks", "metrics", "message"),
    [
        (("depth", "edge"), None, r"no metric is known for the task 'edge'.*'edge/error': 0.5"),
        (("depth",), ["depth/rmsee"], r"unknown metric 'depth/rmsee'; known are .*'depth/rmse'"),
        (("depth", "normal"), ["depth/rmse"], r"say nothing about \['normal'\]"),
        (("depth",), {"depth/rmse": "up"}, r"metric 'depth/rmse': .*found 'up'"),
        (("depth",), {"depth/rmse": 0.0}, r"metric 'depth/rmse': .*above 0, found 0.0"),
    ],
)
def test_unusable_metrics_are_refused(tasks: tuple, metrics: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        reward_metrics(tasks, metrics)


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ({"depth/d1": 0.5}, r"gave no 'depth/rmse'; it gave \['depth/d1'\]"),
        ({"depth/rmse": math.nan}, r"metric 'depth/rmse': found nan"),
        ({"depth/rmse": -1.0}, r"metric 'depth/rmse': found -1.0; an error is 0 or more"),
    ],
)
def test_unusable_results_are_refused(results: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        geometric_mean_reward(results, {"depth/rmse": 1.0})


@pytest.mark.parametrize("value", [-0.1, 100.1, math.nan])
def test_a_percentage_out_of_range_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="a percent is between 0 and 100"):
        quality(value, "percent")
