import math

import numpy as np
import pytest
import torch

from mmaux.evaluation import NormalMetric
from mmaux.evaluation.normal_metric import BIN_WIDTH


def _vectors(angles):
    """Vectors (3, 1, P) at the given angles in degrees from (0, 0, -1)."""
    radians = torch.deg2rad(torch.as_tensor(angles, dtype=torch.float64))
    return torch.stack([radians.sin(), torch.zeros_like(radians), -radians.cos()])[:, None]


def _sample(prediction, target):
    return {
        "img_path": "room.png",
        "pred_normal_map": {"data": prediction},
        "gt_normal_map": {"data": target},
    }


def _evaluate(samples):
    metric = NormalMetric()
    metric.process(None, samples)
    return {k.removeprefix("normal/"): v for k, v in metric.evaluate(len(samples)).items()}


def test_hand_computed_over_two_images():
    first, second = _vectors([0, 10, 20]), _vectors([40, 60])
    results = _evaluate([_sample(first, _vectors([0.0] * 3)), _sample(second, _vectors([0.0] * 2))])
    expected = {
        "mean": 130 / 5,
        "median": 20,
        "rmse": math.sqrt((100 + 400 + 1600 + 3600) / 5),
        "within_11.25": 40,
        "within_22.5": 60,
        "within_30": 60,
    }
    assert results == pytest.approx(expected, abs=1e-9)


def test_perfect_prediction():
    normals = torch.nn.functional.normalize(torch.randn(3, 8, 9), dim=0)
    results = _evaluate([_sample(normals, normals)])
    assert results["mean"] < 1e-10
    assert results["median"] == 0
    assert [v for k, v in results.items() if k.startswith("within")] == [100, 100, 100]


def test_zero_target_is_invalid_and_zero_prediction_counts_as_90_degrees():
    target, prediction = _vectors([0, 0, 0]), _vectors([30, 5, 5])
    target[..., 0] = 0
    prediction[..., 1] = 0
    results = _evaluate([_sample(prediction, target)])
    assert results["mean"] == pytest.approx((90 + 5) / 2)
    assert results["within_11.25"] == 50


def test_no_valid_pixel_is_nan():
    results = _evaluate([_sample(_vectors([1, 2]), torch.zeros(3, 1, 2))])
    assert all(math.isnan(v) for v in results.values())


@pytest.mark.parametrize("count", [999, 1000])
def test_against_numpy(count):
    rng = np.random.default_rng(count)
    prediction, target = rng.normal(size=(2, 3, 5, count // 5 + 1)).astype(np.float32)
    target[:, 0, : 5 * (count // 5 + 1) - count] = 0
    results = _evaluate([_sample(torch.from_numpy(prediction), torch.from_numpy(target))])
    p, t = prediction.reshape(3, -1).astype(np.longdouble), target.reshape(3, -1)
    p, t = p[:, t.any(0)], t[:, t.any(0)].astype(np.longdouble)
    assert p.shape[1] == count
    cosine = (p * t).sum(0) / np.sqrt((p * p).sum(0) * (t * t).sum(0))
    angles = np.degrees(np.arccos(cosine)).astype(float)
    assert results["mean"] == pytest.approx(angles.mean(), rel=1e-10)
    assert results["rmse"] == pytest.approx(np.sqrt((angles**2).mean()), rel=1e-10)
    assert abs(results["median"] - np.median(angles)) <= BIN_WIDTH / 2 + 1e-9
    for threshold in (11.25, 22.5, 30):
        share = 100 * (angles < threshold).mean()
        assert results[f"within_{threshold:g}"] == pytest.approx(share)


def test_opposite_normals_fit_the_histogram():
    results = _evaluate([_sample(_vectors([180.0]), _vectors([0.0]))])
    assert results["median"] == pytest.approx(180)
