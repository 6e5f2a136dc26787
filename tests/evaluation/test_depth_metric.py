import math

import numpy as np
import pytest
import torch
from mmseg.evaluation.metrics import DepthMetric as MMSegDepthMetric

from mmaux.evaluation import DEPTH_ERRORS, DepthMetric


def _sample(prediction, target):
    fields = {"img_path": "room.png"}
    for name, value in (("pred_depth_map", prediction), ("gt_depth_map", target)):
        if value is not None:
            fields[name] = {"data": torch.as_tensor(value, dtype=torch.float32)[None]}
    return fields


def _evaluate(metric, samples):
    for sample in samples:
        metric.process(None, [sample])
    return {k.removeprefix("depth/"): v for k, v in metric.evaluate(len(samples)).items()}


def _reference(prediction, target, low=1e-3, high=10.0):
    """The definitions once more, in numpy and pixel by pixel."""
    errors = dict.fromkeys(DEPTH_ERRORS, 0.0)
    pixels = 0
    for p, t in zip(np.ravel(prediction), np.ravel(target), strict=True):
        if not low < t < high:
            continue
        p, t, pixels = min(max(float(p), low), high), float(t), pixels + 1
        errors["abs_rel"] += abs(p - t) / t
        errors["sq_rel"] += (p - t) ** 2 / t
        errors["rmse"] += (p - t) ** 2
        errors["rmse_log"] += (math.log(p) - math.log(t)) ** 2
        errors["log10"] += abs(math.log10(p) - math.log10(t))
        for k in (1, 2, 3):
            errors[f"d{k}"] += max(p / t, t / p) < 1.25**k
    errors = {k: v / pixels for k, v in errors.items()}
    return errors | {k: math.sqrt(errors[k]) for k in ("rmse", "rmse_log")}


# Image 1: pairs (p, t) = (2, 1), (3, 4), (1, 1) and an invalid pixel. Image 2: one valid (5, 8).
FIRST = _sample([[2, 3], [1, 9]], [[1, 4], [1, 0]])
SECOND = _sample([[5, 1], [1, 1]], [[8, 0], [0, 0]])


def test_hand_computed_pooled_over_pixels():
    results = _evaluate(DepthMetric(), [FIRST, SECOND])
    ln = math.log
    assert results == pytest.approx(
        {
            "abs_rel": (1 + 1 / 4 + 0 + 3 / 8) / 4,
            "sq_rel": (1 + 1 / 4 + 0 + 9 / 8) / 4,
            "rmse": math.sqrt((1 + 1 + 0 + 9) / 4),
            "rmse_log": math.sqrt((ln(2) ** 2 + ln(4 / 3) ** 2 + ln(8 / 5) ** 2) / 4),
            "log10": (math.log10(2) + math.log10(4 / 3) + math.log10(8 / 5)) / 4,
            "d1": 1 / 4,  # ratios 2, 1.333, 1, 1.6 against 1.25, 1.5625, 1.953
            "d2": 2 / 4,
            "d3": 3 / 4,
        },
        rel=1e-12,
    )


def test_hand_computed_averaged_over_images():
    results = _evaluate(DepthMetric(average="image"), [FIRST, SECOND])
    ln = math.log
    rmse_log = math.sqrt((ln(2) ** 2 + ln(4 / 3) ** 2) / 3)
    assert results == pytest.approx(
        {
            "abs_rel": ((1 + 1 / 4) / 3 + 3 / 8) / 2,
            "sq_rel": ((1 + 1 / 4) / 3 + 9 / 8) / 2,
            "rmse": (math.sqrt(2 / 3) + 3) / 2,
            "rmse_log": (rmse_log + ln(8 / 5)) / 2,
            "log10": ((math.log10(2) + math.log10(4 / 3)) / 3 + math.log10(8 / 5)) / 2,
            "d1": (1 / 3 + 0) / 2,
            "d2": (2 / 3 + 0) / 2,
            "d3": (2 / 3 + 1) / 2,
        },
        rel=1e-12,
    )


@pytest.mark.parametrize("average", ["pixel", "image"])
def test_perfect_prediction(average):
    target = torch.rand(6, 7) * 9 + 0.5
    results = _evaluate(DepthMetric(average=average), [_sample(target, target)])
    assert results == {k: float(k in ("d1", "d2", "d3")) for k in DEPTH_ERRORS}


@pytest.mark.parametrize("average", ["pixel", "image"])
def test_image_without_valid_pixel_does_not_count(average):
    empty = _sample([[1, 1]], [[0, 20]])
    metric = DepthMetric(average=average)
    assert _evaluate(metric, [FIRST, empty, SECOND]) == _evaluate(metric, [FIRST, SECOND])


@pytest.mark.parametrize("average", ["pixel", "image"])
def test_no_valid_pixel_at_all_is_nan(average):
    results = _evaluate(DepthMetric(average=average), [_sample([[1, 1]], [[0, 20]])])
    assert tuple(results) == DEPTH_ERRORS
    assert all(math.isnan(v) for v in results.values())


def _random_samples(seed, count=4):
    rng = np.random.default_rng(seed)
    targets = rng.uniform(-1, 12, (count, 9, 11)).astype(np.float32).clip(0)
    return rng.uniform(0.01, 11, (count, 9, 11)).astype(np.float32), targets


@pytest.mark.parametrize("seed", range(3))
def test_against_a_pixel_loop_in_float64(seed):
    predictions, targets = _random_samples(seed)
    samples = list(map(_sample, predictions, targets))
    pooled = _evaluate(DepthMetric(), samples)
    assert pooled == pytest.approx(_reference(predictions, targets), rel=1e-10)
    each = [_reference(p, t) for p, t in zip(predictions, targets, strict=True)]
    mean = {k: sum(e[k] for e in each) / len(each) for k in DEPTH_ERRORS}
    assert _evaluate(DepthMetric(average="image"), samples) == pytest.approx(mean, rel=1e-10)
    assert pooled["rmse"] != pytest.approx(mean["rmse"], rel=1e-4)


def test_image_average_equals_mmseg():
    predictions, targets = _random_samples(7)
    samples = list(map(_sample, predictions.clip(max=9.99), targets))
    # Without `depth_metrics`, for which mmseg 1.2.2 raises a TypeError.
    theirs = MMSegDepthMetric(min_depth_eval=1e-3, max_depth_eval=10.0, prefix="depth")
    expected = _evaluate(theirs, samples)
    expected.pop("silog")
    ours = _evaluate(DepthMetric(average="image"), samples)
    assert ours == pytest.approx(expected, rel=1e-5)  # theirs is computed in float32


def test_eigen_crop_equals_mmseg_and_ignores_the_border():
    generator = torch.manual_seed(3)
    target = torch.rand(480, 640, generator=generator) * 8 + 1
    prediction = torch.rand(480, 640, generator=generator) * 8 + 1
    theirs = MMSegDepthMetric(
        min_depth_eval=1e-3, max_depth_eval=10.0, crop_type="nyu_crop", prefix="depth"
    )
    expected = _evaluate(theirs, [_sample(prediction, target)])
    expected.pop("silog")
    ours = _evaluate(DepthMetric(crop="eigen"), [_sample(prediction, target)])
    assert ours == pytest.approx(expected, rel=1e-4)

    outside = torch.ones(480, 640, dtype=torch.bool)
    outside[45:471, 41:601] = False
    disturbed = torch.where(outside, 0.5, prediction)
    assert _evaluate(DepthMetric(crop="eigen"), [_sample(disturbed, target)]) == ours
    with pytest.raises(ValueError, match=r"room\.png: the Eigen crop .* got 2x2"):
        DepthMetric(crop="eigen").process(None, [FIRST])


def test_predictions_are_clamped_to_the_range():
    far, zero = _sample([[50.0]], [[8.0]]), _sample([[-2.0]], [[0.1]])
    assert _evaluate(DepthMetric(), [far])["rmse"] == pytest.approx(2.0)
    assert _evaluate(DepthMetric(), [zero])["log10"] == pytest.approx(2.0)
    assert _evaluate(DepthMetric(max_depth=100.0), [far])["rmse"] == pytest.approx(42.0)


def test_half_precision_prediction_is_clamped_and_summed_in_double():
    prediction, target = torch.full((1, 200, 200), 9.0).half(), torch.full((1, 200, 200), 1.0)
    sample = {"pred_depth_map": {"data": prediction}, "gt_depth_map": {"data": target}}
    assert _evaluate(DepthMetric(), [sample])["rmse"] == 8.0
    sample["pred_depth_map"] = {"data": torch.zeros(1, 200, 200).half()}
    # Clamped to 1e-3 exactly: half precision would make it 0.0010004.
    assert _evaluate(DepthMetric(), [sample])["log10"] == pytest.approx(3.0, rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"average": "images"}, "average: expected 'pixel' or 'image', got 'images'"),
        ({"crop": "nyu_crop"}, "crop: expected None or 'eigen'"),
        ({"min_depth": 0}, "0 < min_depth < max_depth"),
        ({"min_depth": 5, "max_depth": 1}, "0 < min_depth < max_depth"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        DepthMetric(**arguments)
