import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mmaux.experiments.statistics import paired_difference, summarize


def test_by_hand():
    summary = summarize([2.0, 4.0, 9.0])
    assert (summary.count, summary.mean) == (3, 5.0)
    assert summary.spread == pytest.approx(math.sqrt((9 + 1 + 16) / 2))
    # Differences 1, 2, 3: standard error 1 / sqrt(3); t(0.975, 2) = 4.302653.
    pair = paired_difference([11.0, 22.0, 33.0], [10.0, 20.0, 30.0])
    assert (pair.count, pair.mean) == (3, 2.0)
    assert pair.low == pytest.approx(2 - 4.302653 / math.sqrt(3), abs=1e-6)
    assert pair.high == pytest.approx(2 + 4.302653 / math.sqrt(3), abs=1e-6)
    assert not pair.excludes_zero
    assert paired_difference([11.0, 21.0, 31.1], [10.0, 20.0, 30.0]).excludes_zero
    assert paired_difference([9.0, 19.0, 28.9], [10.0, 20.0, 30.0]).excludes_zero


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2, max_size=8).filter(
        lambda pairs: max(a - b for a, b in pairs) - min(a - b for a, b in pairs) > 1e-3
    ),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
)
def test_against_scipy(pairs, confidence):
    values, references = zip(*pairs, strict=True)
    pair = paired_difference(values, references, confidence=confidence)
    expected = stats.ttest_rel(values, references).confidence_interval(confidence)
    assert pair.low == pytest.approx(expected.low, rel=1e-9, abs=1e-9)
    assert pair.high == pytest.approx(expected.high, rel=1e-9, abs=1e-9)


def test_one_value_has_no_spread():
    assert summarize([3.0]).spread is None
    pair = paired_difference([3.0], [1.0])
    assert (pair.count, pair.mean, pair.low, pair.high) == (1, 2.0, None, None)
    assert not pair.excludes_zero


def test_nan_stays_visible():
    assert math.isnan(summarize([1.0, float("nan")]).mean)
    assert not paired_difference([1.0, float("nan")], [0.0, 0.0]).excludes_zero


def test_what_is_refused():
    with pytest.raises(ValueError, match="found none"):
        summarize([])
    with pytest.raises(ValueError, match="2 values and 1 references"):
        paired_difference([1.0, 2.0], [1.0])
