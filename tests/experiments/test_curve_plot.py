import math

import pytest

from mmaux.experiments import Series
from mmaux.experiments.curve_plot import choose_scalars, draw_curves, smooth


def test_smoothing_by_hand():
    series = Series((10, 20, 40), (1.0, 3.0, 5.0))
    half = 10 / math.log(2)  # a value's weight halves in 10 iterations
    second = (0.5 * 1 + 3) / 1.5
    third = (0.125 * 1 + 0.25 * 3 + 5) / (0.125 + 0.25 + 1)
    result = smooth(series, half)
    assert result.steps == series.steps
    assert result.values == pytest.approx((1.0, second, third))
    assert smooth(series, 0) == series
    assert smooth(Series((), ()), 5) == Series((), ())
    with pytest.raises(ValueError, match="expected 0 or more"):
        smooth(series, -1)


def test_a_constant_stays_and_intervals_do_not_matter():
    assert smooth(Series((5, 6, 90), (2.0, 2.0, 2.0)), 7).values == pytest.approx((2, 2, 2))
    fine = smooth(Series(tuple(range(1, 401)), tuple(1 / i for i in range(1, 401))), 50)
    coarse = smooth(Series(tuple(range(2, 401, 2)), tuple(1 / i for i in range(2, 401, 2))), 50)
    assert fine.values[-1] == pytest.approx(coarse.values[-1], rel=0.02)


RUNS = {
    "joint": {"depth.loss_a": Series((1, 2), (2.0, 1.0)), "loss": Series((1, 2), (3.0, 2.0))},
    "auxi": {"depth.loss_a": Series((1, 2), (1.5, 0.5)), "grad/b": Series((1,), (0.1,))},
}


def test_scalars_by_pattern():
    assert choose_scalars(RUNS, ["grad/*", "*loss*"]) == ["grad/b", "depth.loss_a", "loss"]
    assert choose_scalars(RUNS, ["loss"]) == ["loss"]
    with pytest.raises(ValueError, match=r"matches 'lost'; the runs have depth.loss_a, grad/b"):
        choose_scalars(RUNS, ["lost"])


def test_a_panel_a_scalar():
    one = draw_curves(RUNS, ["loss"])
    three = draw_curves(RUNS, ["grad/b", "depth.loss_a", "loss"], smoothing=2, logarithmic=True)
    assert one.dtype.name == "uint8"
    assert three.shape[1] == 2 * one.shape[1]
    assert three.shape[0] > 1.5 * one.shape[0]
    blue, orange = (76, 114, 176), (221, 132, 82)
    for color, picture, there in ((blue, one, True), (orange, one, False), (orange, three, True)):
        assert (abs(picture.astype(int) - color).max(-1) < 12).any() == there
