import numpy as np
import pytest

from mmaux.datasets.rooms.lighting import _even, _filter


def test_every_15x15_pixels_sample_evenly():
    even = _even(np.random.default_rng(0), (60, 75)).reshape(2, 60, 75)
    for top, left in ((0, 0), (7, 22), (45, 60)):
        window = even[:, top : top + 15, left : left + 15].reshape(2, -1)
        assert len(np.unique(np.round(window, 4), axis=1).T) == 225
        cells = np.histogram2d(*window, bins=5, range=((0, 1), (0, 1)))[0]
        assert cells.min() >= 6
        assert cells.max() <= 12


def test_the_filter_averages_within_a_side_only():
    values = np.random.default_rng(0).normal(size=(40 * 50, 2)).astype(np.float32)
    key = np.repeat([[1, 2]], 25, axis=1).repeat(40, axis=0).reshape(-1)
    values[key == 2] += 10
    out = _filter(values, key, (40, 50))
    assert np.abs(out[key == 1]).max() < 1
    assert np.abs(out[key == 2] - 10).max() < 1
    assert out[key == 1].std() < 0.15 * values[key == 1].std()


def test_the_filter_removes_all_noise_of_even_samples():
    size = (60, 60)
    even = _even(np.random.default_rng(1), size)
    signal = (even[0] > 0.3).astype(np.float32)[:, None]
    out = _filter(signal, np.zeros(3600, np.int32), size).reshape(size)
    inner = out[10:-10, 10:-10]
    assert inner.mean() == pytest.approx(0.7, abs=1 / 15)
    assert inner.std() < 1e-5
