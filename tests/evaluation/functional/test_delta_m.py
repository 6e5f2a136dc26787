import math

import pytest

from mmaux.evaluation import DEFAULT_HEADLINE, delta_m, task_gains

BASELINE = {"semseg/mIoU": 40.0, "depth/rmse": 0.5, "depth/abs_rel": 0.2, "normal/mean": 25.0}
RESULTS = {"semseg/mIoU": 42.0, "depth/rmse": 0.45, "depth/abs_rel": 0.25, "normal/mean": 26.0}


def test_hand_computed():
    # (42-40)/40 = +5 %, -(0.45-0.5)/0.5 = +10 %, -(26-25)/25 = -4 %; mean 11/3 %.
    gains = task_gains(RESULTS, BASELINE)
    assert gains == pytest.approx({"semseg": 5.0, "depth": 10.0, "normal": -4.0})
    assert list(gains) == ["semseg", "depth", "normal"]
    assert delta_m(RESULTS, BASELINE) == pytest.approx(11 / 3)


def test_mean_within_a_task_comes_first():
    # depth: (+10 - 25)/2 = -7.5; over tasks (5 - 7.5)/2 = -1.25, not (5 + 10 - 25)/3.
    headline = {"semseg/mIoU": "up", "depth/rmse": "down", "depth/abs_rel": "down"}
    assert task_gains(RESULTS, BASELINE, headline=headline)["depth"] == pytest.approx(-7.5)
    assert delta_m(RESULTS, BASELINE, headline=headline) == pytest.approx(-1.25)


def test_same_results_gain_nothing_and_direction_flips_the_sign():
    assert delta_m(BASELINE, BASELINE) == 0
    up = task_gains(RESULTS, BASELINE, headline={"depth/rmse": "up"})
    assert up == pytest.approx({"depth": -10.0})


def test_name_without_a_task_is_its_own_task():
    assert task_gains({"score": 3}, {"score": 2}, headline={"score": "up"}) == {"score": 50.0}


def test_nan_result_gives_nan_gain_of_its_task_only():
    gains = task_gains(RESULTS | {"depth/rmse": math.nan}, BASELINE)
    assert math.isnan(gains["depth"])
    assert gains["semseg"] == pytest.approx(5.0)
    assert math.isnan(delta_m(RESULTS | {"depth/rmse": math.nan}, BASELINE))


@pytest.mark.parametrize(
    ("results", "baseline", "headline", "error", "message"),
    [
        ({}, BASELINE, DEFAULT_HEADLINE, ValueError, "'semseg/mIoU' is not in the results"),
        (RESULTS, {"a": 1}, DEFAULT_HEADLINE, ValueError, "not in the baseline; available: a"),
        (RESULTS, BASELINE | {"depth/rmse": 0}, DEFAULT_HEADLINE, ValueError, "'depth/rmse' is 0"),
        (RESULTS, BASELINE | {"depth/rmse": math.nan}, DEFAULT_HEADLINE, ValueError, "is nan"),
        (RESULTS, BASELINE | {"depth/rmse": -1}, DEFAULT_HEADLINE, ValueError, "is -1"),
        (RESULTS, BASELINE | {"depth/rmse": "0.5"}, DEFAULT_HEADLINE, TypeError, "be a number"),
        (RESULTS, BASELINE, {"depth/rmse": "lower"}, ValueError, "unknown direction 'lower'"),
        (RESULTS, BASELINE, {}, ValueError, "empty"),
    ],
)
def test_errors(results, baseline, headline, error, message):
    with pytest.raises(error, match=message):
        delta_m(results, baseline, headline=headline)
