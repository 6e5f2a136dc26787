from collections.abc import Callable

import pytest

from mmaux.benchmarking.rounds import measure_in_rounds


def clock_of(calls: list[str]) -> Callable[[str], Callable[[], int]]:
    """Measurements that note their name and return how many calls there were before."""

    def make(name: str) -> Callable[[], int]:
        def measure() -> int:
            calls.append(name)
            return len(calls) - 1

        return measure

    return make


def test_every_other_round_is_reversed_and_warmup_is_dropped():
    calls: list[str] = []
    make = clock_of(calls)
    result = measure_in_rounds({n: make(n) for n in "abc"}, rounds=3, warmup=1)
    assert "".join(calls) == "cba" + "abc" + "cba" + "abc"
    assert result == {"a": (3, 8, 9), "b": (4, 7, 10), "c": (5, 6, 11)}


def test_a_steady_drift_cancels():
    """With an even number of rounds, the mean place of each variant is the same."""
    make = clock_of([])
    result = measure_in_rounds({n: make(n) for n in "abcd"}, rounds=4, warmup=0)
    assert {sum(places) for places in result.values()} == {30}


def test_advance_is_called_after_each_measurement():
    done = []
    measure_in_rounds({"a": float, "b": float}, rounds=2, warmup=3, advance=lambda: done.append(1))
    assert len(done) == 10


@pytest.mark.parametrize(
    ("measurements", "rounds", "warmup"), [({}, 1, 0), ({"a": float}, 0, 0), ({"a": float}, 1, -1)]
)
def test_nothing_to_measure(measurements, rounds, warmup):
    with pytest.raises(ValueError, match="needs measurements, rounds >= 1 and warmup >= 0"):
        measure_in_rounds(measurements, rounds=rounds, warmup=warmup)
