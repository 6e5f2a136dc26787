import math

import pytest
from scipy import stats

from mmaux.search.analysis.mean_difference import mean_difference


def test_welch_by_hand():
    first, second = [1.0, 2.0, 3.0], [4.0, 6.0, 8.0, 10.0]
    found = mean_difference(first, second)
    assert (found.first, found.second, found.difference) == (2, 7, 5)
    a, b = 1 / 3, (20 / 3) / 4  # variances of the means
    freedom = (a + b) ** 2 / (a**2 / 2 + b**2 / 3)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(a + b)
    assert (found.low, found.high) == pytest.approx((5 - half, 5 + half))
    assert found.excludes_zero
    turned = mean_difference(second, first)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


def test_too_little_for_an_interval():
    assert mean_difference([1.0], [2.0, 3.0]).low is None
    assert mean_difference([1.0, 1.0], [2.0, 2.0]).high is None
    assert not mean_difference([1.0, 1.0], [2.0, 2.0]).excludes_zero
    with pytest.raises(ValueError, match="found 0 and 1 values"):
        mean_difference([], [1.0])
