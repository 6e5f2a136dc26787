import pytest

from mmaux.search.early_stopping import EarlyStopping


def test_a_bar_by_hand():
    stopping = EarlyStopping(quantile=0.25, min_candidates=4)
    curves = [((1, 0.5), (2, 0.9)), ((1, 0.1),), ((1, 0.4), (2, 0.3)), ((1, 0.2), (2, 0.6))]
    assert stopping.bar(curves[:3]) is None
    # Of 0.1 0.2 0.4 0.5, and of (stopped) 0.3 0.6 0.9, the second lowest.
    assert stopping.bar(curves) == {1: 0.2, 2: 0.3}
    # Half of the four were stopped before the second iteration: that is more than a quarter.
    assert stopping.bar([*curves[:3], ((1, 0.2),)]) == {1: 0.2}
    assert stopping.bar([*curves[:3], ()]) is None


def test_the_share_that_is_stopped_does_not_grow_with_the_measurements():
    stopping = EarlyStopping(quantile=0.3, min_candidates=10)
    ranked = [i / 100 for i in range(100)]
    curves = []
    for reward in (ranked[(37 * i) % 100] for i in range(100)):
        bar = stopping.bar(curves) or {}
        curve = []
        for step in range(10):
            curve.append((step, reward))
            if reward < bar.get(step, 0):
                break
        curves.append(tuple(curve))
    assert 0.2 < sum(len(curve) < 10 for curve in curves) / 100 < 0.35


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantile": 0.0}, r"early_stopping.quantile is 0.0; expected within \(0, 1\)"),
        ({"quantile": 0.5, "min_candidates": 0}, "early_stopping.min_candidates is 0"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**options)
