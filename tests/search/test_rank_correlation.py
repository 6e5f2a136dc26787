import math

import numpy as np
import pytest
from scipy import stats

from mmaux.search.rank_correlation import rank_correlation


def test_tau_by_hand() -> None:
    # Of the six pairs of candidates one is in another order: (5 - 1) / 6.
    found = rank_correlation(([1, 2, 3, 4], [10, 30, 20, 40]))
    assert found.tau == pytest.approx(4 / 6)
    assert found.count == 4


@pytest.mark.parametrize("levels", [3, 10, 1000])
def test_equals_scipy_also_with_ties(levels: int) -> None:
    first, second = np.random.default_rng(levels).integers(levels, size=(2, 40)).tolist()
    expected = stats.kendalltau(first, second).statistic
    assert rank_correlation((first, second), resamples=1).tau == pytest.approx(expected, rel=1e-12)


def test_taus_of_several_pairs_are_averaged() -> None:
    values = [1.0, 2.0, 3.0]
    assert rank_correlation((values, [1, 2, 3]), (values, [3, 2, 1])).tau == pytest.approx(0.0)
    assert rank_correlation((values, [4, 5, 6]), (values, [1, 3, 2])).tau == pytest.approx(2 / 3)


def test_the_interval_covers_a_known_tau() -> None:
    """Of two normal variables with correlation r, tau is 2 / pi arcsin(r)."""
    truth = 2 / math.pi * math.asin(0.8)
    covered = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        first = generator.normal(size=30)
        second = 0.8 * first + 0.6 * generator.normal(size=30)
        found = rank_correlation((first, second), resamples=200)
        assert found.low <= found.tau <= found.high
        covered += found.low <= truth <= found.high
    assert covered >= 34


def test_the_interval_narrows_with_candidates() -> None:
    generator = np.random.default_rng(0)
    first = generator.normal(size=200)
    second = first + generator.normal(size=200)
    few = rank_correlation((first[:20], second[:20]), resamples=200)
    many = rank_correlation((first, second), resamples=200)
    assert (many.high - many.low) * 2 < few.high - few.low


def test_undefined_is_nan() -> None:
    for columns in (([], []), ([1.0], [2.0]), ([1.0, 1.0], [1.0, 2.0])):
        found = rank_correlation(columns)
        assert all(map(math.isnan, (found.tau, found.low, found.high)))


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"columns of \[2, 3\] values"):
        rank_correlation(([1, 2], [1, 2, 3]))
    with pytest.raises(ValueError, match=r"columns of \[\] values"):
        rank_correlation()
