import numpy as np
import pytest

from mmaux.datasets.rooms.depth_sensor import BASELINE, FARTHEST, NEAREST, STEP, measure, shadowed

SIZE = (120, 160)
FOCAL = 130.0


def read(depth, **changes):
    flat = {
        "cosine": np.ones(SIZE),
        "dark": np.zeros(SIZE, bool),
        "gloss": np.zeros(SIZE),
        "reflectance": np.full(SIZE, 0.5),
    }
    return measure(np.random.default_rng(3), depth, focal=FOCAL, **(flat | changes))


@pytest.mark.parametrize("metres", [1.0, 2.0, 4.0])
def test_noise_of_a_frontal_wall_grows_with_the_square_of_depth(metres):
    measured = read(np.full(SIZE, metres))
    values = measured[measured > 0]
    assert len(values) > 0.95 * measured.size
    assert values.mean() == pytest.approx(metres, rel=0.003)
    # Noise of half a step and rounding to a step: sqrt(1/4 + 1/12) steps of inverse depth.
    assert values.std() == pytest.approx(STEP * np.sqrt(1 / 3) * metres**2, rel=0.15)


def test_readings_are_whole_steps_of_inverse_depth():
    measured = read(np.full(SIZE, 3.0))
    steps = 1 / measured[measured > 0] / STEP
    assert steps == pytest.approx(np.rint(steps), abs=1e-3)


def test_projector_shadow_is_left_of_a_near_thing_and_as_wide_as_its_disparity():
    depth = np.full(SIZE, 4.0)
    depth[:, 80:110] = 1.0
    wide = FOCAL * BASELINE * (1 / 1.0 - 1 / 4.0)
    row = shadowed(depth, FOCAL)[0]
    assert not row[80:].any()
    assert row.sum() == pytest.approx(wide, abs=1.5)
    assert row[81 - int(wide) : 80].all()
    assert not shadowed(np.full(SIZE, 2.0), FOCAL).any()


@pytest.mark.parametrize("metres", [NEAREST - 0.05, FARTHEST + 0.5])
def test_out_of_range_is_not_measured(metres):
    assert (read(np.full(SIZE, metres)) > 0).mean() < 0.01


@pytest.mark.parametrize(
    ("changes", "least", "most"),
    [
        ({}, 0.0, 0.03),
        ({"dark": np.ones(SIZE, bool)}, 0.4, 0.95),
        ({"cosine": np.full(SIZE, 0.05)}, 0.85, 1.0),
        ({"reflectance": np.full(SIZE, 0.01)}, 0.1, 0.5),
        ({"gloss": np.ones(SIZE)}, 0.08, 0.5),
    ],
)
def test_holes(changes, least, most):
    assert least <= (read(np.full(SIZE, 2.0), **changes) == 0).mean() <= most
