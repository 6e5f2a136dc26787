import math

import numpy as np
import pytest

from mmaux.experiments.convergence import late_change
from mmaux.experiments.scalars import Series


def curve(values, every=1):
    return Series(tuple(every * (i + 1) for i in range(len(values))), tuple(map(float, values)))


def test_a_straight_line():
    # Loss 300 - step over 200 iterations: its means are 129.5 and, in the last 20, 109.5.
    assert late_change(curve([300 - i for i in range(1, 201)])) == pytest.approx(-2000 / 129.5)
    assert late_change(curve([300 - 5 * i for i in range(1, 41)], every=5)) == pytest.approx(
        100 * (np.mean([100, 105, 110, 115]) / np.mean([120, 125, 130, 135]) - 1)
    )


def test_constant_rising_and_noise():
    assert late_change(curve([2.0] * 100)) == pytest.approx(0)
    assert late_change(curve(range(1, 101))) == pytest.approx(100 * (95.5 / 85.5 - 1))
    noise = np.random.default_rng(0).normal(0, 0.05, 1000)
    assert abs(late_change(curve(1 + noise))) < 5


def test_only_the_end_counts():
    assert late_change(curve([50.0] * 160 + [2.0] * 40)) == pytest.approx(0)


def test_negative_losses_are_compared_by_size():
    assert late_change(curve([-1 - 0.01 * i for i in range(100)])) < 0


@pytest.mark.parametrize("values", [[], [1.0] * 20, [0.0] * 100])
def test_unknown(values):
    assert math.isnan(late_change(curve(values)))
