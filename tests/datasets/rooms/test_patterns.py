import numpy as np
import pytest

from mmaux.datasets.rooms.material import PATTERNS
from mmaux.datasets.rooms.patterns import FUNCTIONS
from mmaux.datasets.rooms.texture_noise import noise_at, noise_image, random_of


def run(name, *, pixel=0.003, seed=0.37, scale=0.2):
    rng = np.random.default_rng(0)
    u, v = rng.uniform(-4, 4, (2, 3000)).astype(np.float32)
    n = np.ones(3000, dtype=np.float32)
    return FUNCTIONS[name](u, v, n * scale, n * np.float32(seed), n * np.float32(pixel))


def test_every_pattern_has_a_function():
    assert tuple(FUNCTIONS) == PATTERNS


@pytest.mark.parametrize("name", PATTERNS)
def test_weights_mix_colours(name):
    weights, tone = run(name)
    assert weights.shape == (3000, 3)
    assert np.isfinite(weights).all()
    assert weights.min() > -0.7
    assert weights.sum(axis=1) == pytest.approx(1, abs=0.51)
    assert 0.1 < np.mean(tone) < 1.6
    assert np.std(weights[:, 0] * tone) > 0.003  # a pattern, not one colour


def test_joints_of_tiles_keep_their_share_when_seen_from_afar():
    near, far = (run("tiles", pixel=pixel)[0][:, 2].mean() for pixel in (0.0005, 0.05))
    assert near == pytest.approx(1 - 0.975**2, abs=0.015)
    assert far < 0.25


def test_noise_tiles_without_a_seam():
    image = noise_image(1.0)
    inner = np.abs(np.diff(image, axis=1)).mean()
    assert np.abs(image[:, 0] - image[:, -1]).mean() < 1.3 * inner
    positions = np.array([0.1, 1.1, -0.9], dtype=np.float32)
    found = noise_at(positions, positions)
    assert found == pytest.approx(found[0], abs=1e-3)


def test_random_of_is_even_and_repeatable():
    cells = np.arange(-5000, 5000)
    values = random_of(cells, cells // 7)
    assert np.array_equal(values, random_of(cells, cells // 7))
    assert values.mean() == pytest.approx(0.5, abs=0.02)
    assert values.var() == pytest.approx(1 / 12, abs=0.005)
    assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.05
