import math

import numpy as np
import pytest
import torch

from mmaux.evaluation import median_from_histogram, normal_angles


def _rotated(degrees):
    radians = math.radians(degrees)
    return [math.sin(radians), 0.0, -math.cos(radians)]


@pytest.mark.parametrize("degrees", [0, 1e-7, 1e-3, 11.25, 45, 90, 135, 179.999, 180 - 1e-7, 180])
def test_known_rotation_also_at_tiny_angles(degrees):
    prediction = torch.tensor(_rotated(degrees), dtype=torch.float64)[:, None]
    target = torch.tensor([[0.0], [0.0], [-1.0]], dtype=torch.float64)
    # acos of the dot product would be off by 1e-6 degrees at 0 and 180.
    assert float(normal_angles(prediction, target)) == pytest.approx(degrees, rel=1e-12, abs=1e-12)


def test_lengths_do_not_matter_and_equal_float32_vectors_have_angle_zero():
    vectors = torch.randn(3, 1000, generator=torch.manual_seed(0))
    unit = torch.nn.functional.normalize(vectors, dim=0)
    assert normal_angles(unit, unit).max() < 1e-10
    other = unit.roll(1, dims=1)
    angles = normal_angles(unit, other)
    torch.testing.assert_close(normal_angles(7 * unit, 0.1 * other), angles, atol=1e-4, rtol=0)


def test_against_longdouble_arccos():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 3, 500))
    la, lb = a.astype(np.longdouble), b.astype(np.longdouble)
    cosine = (la * lb).sum(0) / np.sqrt((la**2).sum(0) * (lb**2).sum(0))
    expected = np.degrees(np.arccos(cosine)).astype(float)
    angles = normal_angles(torch.from_numpy(a), torch.from_numpy(b)).numpy()
    np.testing.assert_allclose(angles, expected, atol=1e-10)


def test_zero_prediction_is_90_degrees():
    target = torch.tensor([[0.0], [0.6], [-0.8]])
    assert normal_angles(torch.zeros(3, 1), target).tolist() == [90.0]


@pytest.mark.parametrize(
    ("counts", "median"),
    [([1], 0), ([0, 3, 2], 1), ([2, 0, 0, 2], 1.5), ([1, 1], 0.5), ([0, 0, 4, 3], 2)],
)
def test_median_hand_computed(counts, median):
    assert median_from_histogram(torch.tensor(counts), bin_width=1.0) == median
    assert median_from_histogram(torch.tensor(counts), bin_width=0.1) == pytest.approx(median / 10)


def test_median_of_nothing_is_nan():
    assert math.isnan(median_from_histogram(torch.zeros(5, dtype=torch.int64), bin_width=1.0))
