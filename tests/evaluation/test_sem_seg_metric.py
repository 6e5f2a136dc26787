import math

import pytest
import torch
from mmengine.logging import MMLogger
from mmseg.evaluation.metrics import IoUMetric

from mmaux.evaluation import SemSegMetric

META = {"classes": ("wall", "floor", "chair", "table", "lamp")}


def _sample(prediction, target, path="room.png"):
    return {
        "img_path": path,
        "pred_sem_seg": {"data": torch.as_tensor(prediction)[None]},
        "gt_sem_seg": {"data": torch.as_tensor(target)[None]},
    }


def _random_samples(seed, count=5, classes=5):
    generator = torch.manual_seed(seed)
    samples = []
    for _ in range(count):
        target = torch.randint(0, classes, (13, 17), generator=generator)
        noise = torch.randint(0, classes, (13, 17), generator=generator)
        prediction = torch.where(torch.rand(13, 17, generator=generator) < 0.6, target, noise)
        target[torch.rand(13, 17, generator=generator) < 0.2] = 255
        samples.append(_sample(prediction, target))
    return samples


def _evaluate(metric, samples):
    metric.dataset_meta = META
    for sample in samples:
        metric.process(None, [sample])
    return metric.evaluate(len(samples))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("classes", [3, 5])  # 3: two classes never occur
def test_equals_mmseg(seed, classes):
    samples = _random_samples(seed, classes=classes)
    expected = _evaluate(IoUMetric(prefix="semseg"), samples)
    assert _evaluate(SemSegMetric(), samples) == {
        k: round(float(v), 2) for k, v in expected.items()
    }


@pytest.mark.parametrize("options", [{"nan_to_num": 0}, {"beta": 2}])
def test_all_metrics_and_options_equal_mmseg(options):
    samples = _random_samples(9, classes=4)
    options = {"iou_metrics": ["mIoU", "mDice", "mFscore"], **options}
    metric = SemSegMetric(**options)
    expected = _evaluate(IoUMetric(prefix="semseg", **options), samples)
    results = _evaluate(metric, samples)
    assert results == pytest.approx({k: float(v) for k, v in expected.items()}, nan_ok=True)
    assert metric.result_names == tuple(expected) == tuple(results)


def test_hand_computed_with_one_confusion_matrix():
    # Together: wall I=2 U=3, floor I=1 U=2 -> mIoU (2/3 + 1/2)/2; aAcc 3/4; mAcc (2/3 + 1)/2.
    # A mean of per-image IoUs would be ((1 + nan) + (1/2 + 1/2)/2)/2 = 0.75.
    samples = [_sample([[0]], [[0]]), _sample([[0, 1, 1, 3]], [[0, 0, 1, 255]])]
    results = _evaluate(SemSegMetric(), samples)
    assert results == {"semseg/aAcc": 75.0, "semseg/mIoU": 58.33, "semseg/mAcc": 83.33}


def test_perfect_prediction():
    labels = torch.randint(0, 5, (9, 9))
    assert set(_evaluate(SemSegMetric(), [_sample(labels, labels)]).values()) == {100.0}


def test_all_ignored_is_nan():
    results = _evaluate(SemSegMetric(iou_metrics="mFscore"), [_sample([[0, 1]], [[255, 255]])])
    assert list(results) == [
        "semseg/aAcc",
        "semseg/mFscore",
        "semseg/mPrecision",
        "semseg/mRecall",
    ]
    assert all(math.isnan(v) for v in results.values())


def test_ignore_index_and_uint8_labels():
    target = torch.tensor([[0, 4, 1]], dtype=torch.uint8)
    results = _evaluate(SemSegMetric(ignore_index=4), [_sample([[0, 0, 1]], target)])
    assert results["semseg/aAcc"] == 100.0


def test_table_of_classes_is_logged(caplog):
    MMLogger.get_current_instance().addHandler(caplog.handler)
    _evaluate(SemSegMetric(), _random_samples(0))
    MMLogger.get_current_instance().removeHandler(caplog.handler)
    assert "per class results" in caplog.text
    assert all(name in caplog.text for name in META["classes"])


@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        ([[0, 7]], [[0, 1]], r"room\.png: pred_sem_seg has class id 7 in 1 .* 5 classes"),
        ([[0, 0]], [[0, 5]], r"room\.png: gt_sem_seg has class id 5"),
        ([[0, 0]], [[0, -1]], r"gt_sem_seg has class id -1"),
    ],
)
def test_class_ids_out_of_range(prediction, target, message):
    with pytest.raises(ValueError, match=message):
        _evaluate(SemSegMetric(), [_sample(prediction, target)])


def test_needs_class_names_and_known_metrics():
    with pytest.raises(ValueError, match="METAINFO"):
        SemSegMetric().process(None, [_sample([[0]], [[0]])])
    with pytest.raises(ValueError, match=r"expected some of mIoU.*'IoU'"):
        SemSegMetric(iou_metrics=["IoU"])


def test_areas_of_large_images_are_exact():
    """A float32 counts to 2^24."""
    size = (1, 4200, 4200)
    metric = SemSegMetric()
    metric.dataset_meta = META
    found = metric.image_statistics(
        torch.zeros(size, dtype=torch.int16), torch.zeros(size, dtype=torch.uint8), image="large"
    )
    for area in ("intersect", "union", "prediction", "label"):
        assert found[area].tolist() == [4200 * 4200, 0, 0, 0, 0]
