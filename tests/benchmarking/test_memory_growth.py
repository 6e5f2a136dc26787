import numpy as np
import pytest

from mmaux.benchmarking.memory_growth import MemoryReadingHook, measure_growth


def test_a_line_after_warmup():
    """A steep start, then 7 bytes a step: the first quarter of the readings does not count."""
    readings = [(10 * i, 1_000_000 * i) for i in range(4)]
    readings += [(10 * i, 5_000_000 + 70 * i) for i in range(4, 16)]
    growth = measure_growth(readings)
    assert growth.slope == pytest.approx(7)
    assert (growth.low, growth.high) == pytest.approx((7, 7))
    assert (growth.first, growth.last, growth.steps) == (5_000_280, 5_001_050, 110)
    whole = measure_growth(readings, warmup=0)
    assert (whole.first, whole.steps) == (0, 150)
    assert whole.high > 1000


def test_a_spike_is_no_growth_but_is_reported():
    readings = [(i, 1000) for i in range(20)]
    readings[10] = (10, 9000)
    growth = measure_growth(readings)
    assert (growth.slope, growth.largest) == (0, 9000)


def test_noise_is_within_the_interval():
    noise = np.random.default_rng(0).normal(0, 100, 60)
    growth = measure_growth([(i, int(1e6 + 5 * i + e)) for i, e in enumerate(noise)])
    assert growth.low < 5 < growth.high
    assert growth.low > 0


def test_errors():
    with pytest.raises(ValueError, match="three readings after warm-up, found 2"):
        measure_growth([(1, 1), (2, 2)], warmup=0)
    with pytest.raises(ValueError, match="found 1"):
        measure_growth([(1, 1)] * 9, warmup=1)
    with pytest.raises(ValueError, match="interval is at least 1, found 0"):
        MemoryReadingHook(0)
