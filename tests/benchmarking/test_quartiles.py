import pytest

from mmaux.benchmarking.quartiles import Quartiles


def test_hand_computed_quartiles():
    """Positions 0.25 * 4 = 1, 2 and 3 of the sorted 1, 2, 4, 8, 16."""
    assert Quartiles.of([16, 1, 4, 8, 2]) == Quartiles(lower=2, median=4, upper=8, count=5)


def test_quartiles_between_two_values():
    """Positions 0.75, 1.5 and 2.25 of 10, 20, 40, 80."""
    assert Quartiles.of([10, 20, 40, 80]) == Quartiles(lower=17.5, median=30, upper=50, count=4)


def test_one_measurement_has_no_spread():
    assert Quartiles.of([3.0]) == Quartiles(lower=3, median=3, upper=3, count=1)


def test_scaled():
    assert Quartiles.of([1, 2, 3]).scaled(1000) == Quartiles(1500, 2000, 2500, 3)


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_nothing_and_nonsense_are_refused(values):
    with pytest.raises(ValueError, match="at least one measurement and finite ones"):
        Quartiles.of(values)
