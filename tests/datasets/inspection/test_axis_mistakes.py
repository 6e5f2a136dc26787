import numpy as np
import pytest
from scenes import render

from mmaux.datasets.inspection.axis_mistakes import AXIS_MISTAKES, AxisMistake, explain

SCENE = render((96, 128))
REPAIRS = {mistake.name: mistake for mistake in AXIS_MISTAKES}


def _inverse(mistake: AxisMistake, normals: np.ndarray) -> np.ndarray:
    """Make the mistake: every repair here undoes itself."""
    wrong = mistake.repaired(normals)
    np.testing.assert_array_equal(mistake.repaired(wrong), normals)
    return wrong


@pytest.mark.parametrize("mistake", AXIS_MISTAKES, ids=lambda mistake: mistake.name)
def test_each_mistake_is_named(mistake: AxisMistake) -> None:
    found = explain(_inverse(mistake, SCENE.normals), SCENE.normals)
    assert found is not None
    assert found.mistake is mistake
    assert found.before > 30
    assert found.after == pytest.approx(0, abs=0.1)


def test_right_normals_need_no_explanation() -> None:
    assert explain(SCENE.normals, SCENE.normals) is None


@pytest.mark.parametrize("noise", [0.1, 0.3, 1.0])
def test_noise_is_not_explained_by_a_mistake(noise: float) -> None:
    rng = np.random.default_rng(0)
    noisy = SCENE.normals + rng.normal(0, noise, SCENE.normals.shape)
    noisy /= np.linalg.norm(noisy, axis=-1, keepdims=True)
    assert explain(noisy, SCENE.normals) is None


def test_a_mistake_shows_through_noise() -> None:
    rng = np.random.default_rng(0)
    noisy = SCENE.normals * (-1, 1, 1) + rng.normal(0, 0.2, SCENE.normals.shape)
    noisy /= np.linalg.norm(noisy, axis=-1, keepdims=True)
    found = explain(noisy, SCENE.normals)
    assert found is not None
    assert found.mistake.name == "flipped without negating x"


def test_a_frontal_wall_cannot_tell_and_is_not_accused() -> None:
    wall = np.zeros((40, 50, 3))
    wall[..., 2] = -1
    assert explain(wall * (-1, 1, 1), wall) is None


def test_only_the_pixels_concerned_are_judged() -> None:
    # One column in ten shows a slanted wall: the median over all pixels would be zero.
    normals = np.zeros((40, 50, 3))
    normals[..., 2] = -1
    normals[:, :5] = (0.6, 0, -0.8)
    found = explain(normals * (-1, 1, 1), normals)
    assert found is not None
    assert found.mistake is REPAIRS["flipped without negating x"]
    assert found.share == pytest.approx(0.1)
    assert found.before == pytest.approx(2 * np.degrees(np.arcsin(0.6)), abs=1e-3)


@pytest.mark.parametrize(("reference", "explained"), [(-6, False), (-12, True)])
def test_the_angle_must_shrink_to_less_than_half(reference: float, explained: bool) -> None:
    def wall(degrees: float) -> np.ndarray:
        angle = np.radians(degrees)
        return np.broadcast_to([np.sin(angle), 0, -np.cos(angle)], (20, 20, 3))

    # From 26 to 14 degrees is not enough, from 32 to 8 is.
    assert (explain(wall(20), wall(reference)) is not None) == explained


def test_invalid_pixels_are_left_out() -> None:
    normals = SCENE.normals.copy()
    normals[:, ::2] = 0
    found = explain(normals * (-1, 1, 1), SCENE.normals)
    assert found is not None
    assert found.after == pytest.approx(0, abs=0.1)
    assert explain(np.zeros_like(normals), SCENE.normals) is None
