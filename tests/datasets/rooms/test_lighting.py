import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from mmaux.datasets.rooms.lighting import _even, _filter, _indirect
from mmaux.datasets.rooms.scene import Hits


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


def test_a_ray_through_a_crack_brings_ambient_light_only():
    missed = Hits(np.array([-1]), np.array([np.float32(1e30)]), np.zeros((1, 2), np.float32))
    scene = SimpleNamespace(
        cast=lambda start, direction: missed,
        face_part=np.array([0]),
        face_normal=np.array([[0, 0, 1]], np.float32),
        colours=np.full((1, 4, 3), 0.5, np.float32),
    )
    lamp = SimpleNamespace(position=(0, 0, 2), power=30.0, colour=(1, 1, 1))
    points = SimpleNamespace(normal=np.array([[0, 0, 1]], np.float32))
    room = SimpleNamespace(lights=[lamp], panes=[], day=0.0)
    even, start = np.full((2, 1), 0.5, np.float32), np.zeros((1, 3), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        light = _indirect(even, room, scene, points, start)
    assert light == pytest.approx(np.full((1, 3), 0.5 * 0.05 * 1.25))
