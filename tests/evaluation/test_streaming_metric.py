import json
import math
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger

from mmaux.evaluation import DepthMetric, NormalMetric, SemSegMetric, StreamingMetric
from mmaux.registry import METRICS

WORKER = Path(__file__).with_name("distributed_worker.py")
WORKER_CODE = runpy.run_path(str(WORKER))


class _MeanMetric(StreamingMetric):
    """Mean of the target; the sample's own prediction is ignored."""

    default_prefix = "toy"
    target_field = "gt"
    prediction_field = "pred"
    head = "toy"
    metric_names = ("mean",)

    def initial_state(self):
        zero = torch.zeros((), dtype=torch.float64)
        return {"sum": zero, "pixels": torch.zeros((), dtype=torch.int64)}

    def image_statistics(self, prediction, target, *, image):
        return {"sum": target.double().sum(), "pixels": torch.tensor(target.numel())}

    def compute_metrics(self, results):
        return {"mean": float(results["sum"] / results["pixels"])}


def _toy(value, *, prediction=0.0):
    return {
        "img_path": f"{value}.png",
        "gt": {"data": torch.full((1, 2, 2), float(value))},
        "pred": {"data": torch.full((1, 2, 2), prediction)},
    }


def test_mean_over_batches_and_reset():
    metric = _MeanMetric()
    for _ in range(2):
        metric.process(None, [_toy(1), _toy(2)])
        metric.process(None, [_toy(6)])
        assert metric.evaluate(3) == {"toy/mean": 3.0}


def test_prefix():
    for prefix, name in ((None, "toy/mean"), ("night", "night/mean")):
        metric = _MeanMetric(prefix=prefix)
        metric.process(None, [_toy(1)])
        assert list(metric.evaluate(1)) == [name] == list(metric.result_names)


class _WithoutPixels(_MeanMetric):
    def initial_state(self):
        return {"sum": torch.zeros((), dtype=torch.float64)}


class _ImageWithoutPixels(_MeanMetric):
    def image_statistics(self, prediction, target, *, image):
        return {"sum": target.double().sum()}


def test_a_state_without_pixels_is_refused_before_training():
    """The validation loop sets the meta information when it is built, before the first step."""
    message = r"_WithoutPixels\.initial_state: found the sums \['sum'\], expected 'pixels' too"
    evaluator = Evaluator([_WithoutPixels()])
    with pytest.raises(ValueError, match=message):
        evaluator.dataset_meta = {}


def test_a_state_without_pixels_is_refused_at_the_first_sample():
    with pytest.raises(ValueError, match="expected 'pixels' too"):
        _WithoutPixels().process(None, [_toy(1)])


def test_statistics_with_other_keys_than_the_state_are_refused_at_the_first_sample():
    message = (
        r"_ImageWithoutPixels\.image_statistics: found the sums \['sum'\], expected those of "
        r"initial_state, \['pixels', 'sum'\]"
    )
    with pytest.raises(ValueError, match=message):
        _ImageWithoutPixels().process(None, [_toy(1)])


def test_memory_does_not_grow_with_the_number_of_images():
    evaluator = WORKER_CODE["build"]()

    def tensors(value):
        if isinstance(value, torch.Tensor):
            return value.nbytes
        if isinstance(value, dict):
            return sum(map(tensors, value.values()))
        return sum(map(tensors, value)) if isinstance(value, (list, tuple)) else 0

    sizes = []
    for count in (3, 60):
        for index in range(count):
            evaluator.process([WORKER_CODE["sample"](index)])
        assert all(metric.results == [] for metric in evaluator.metrics)
        sizes.append([tensors(vars(metric)) for metric in evaluator.metrics])
        evaluator.evaluate(count)
    assert sizes[0] == sizes[1]
    assert min(sizes[0]) > 0


def test_unlabelled_samples_are_skipped_also_without_prediction():
    metric = _MeanMetric()
    metric.process(None, [_toy(4), {"img_path": "a.png"}, {"gt": None}, _toy(2)])
    assert metric.evaluate(4) == {"toy/mean": 3.0}


@pytest.mark.parametrize(
    ("metric", "sample", "message"),
    [
        (_MeanMetric(), {"img_path": "a.png"}, "_MeanMetric: none of the 1 samples has gt;"),
        (
            DepthMetric(),
            {f"{k}_depth_map": {"data": torch.zeros(1, 2, 2)} for k in ("gt", "pred")},
            "DepthMetric: the 1 labelled samples of 1 have no valid pixel",
        ),
    ],
)
def test_nothing_to_evaluate_gives_nan_and_a_warning(metric, sample, message, caplog):
    metric.process(None, [sample])
    MMLogger.get_current_instance().addHandler(caplog.handler)
    results = metric.evaluate(1)
    MMLogger.get_current_instance().removeHandler(caplog.handler)
    assert caplog.records[0].levelname == "WARNING"
    assert tuple(results) == metric.result_names
    assert all(math.isnan(value) for value in results.values())
    assert message in caplog.text


def test_evaluate_without_any_sample():
    assert math.isnan(_MeanMetric().evaluate(0)["toy/mean"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pred": None}, r"a\.png has gt but no pred: the model needs the head 'toy'"),
        (
            {"pred": {"data": torch.zeros(1, 3, 2)}},
            r"a\.png: pred has shape \(1, 3, 2\) but gt \(1, 2, 2\).*after Resize",
        ),
        ({"pred": {"data": torch.tensor([[[0, 1], [math.inf, 2]]])}}, r"a\.png: pred is not fin"),
        ({"pred": {"data": torch.tensor([[[0, 1], [math.nan, 2]]])}}, "in 1 of 4 values"),
        ({"gt": {"data": torch.tensor([[[0, 1], [math.nan, 2]]])}}, r"a\.png: gt is not finite"),
    ],
)
def test_bad_samples_name_the_image(change, message):
    with pytest.raises(ValueError, match=message):
        _MeanMetric().process(None, [_toy(1) | {"img_path": "a.png"} | change])


def test_too_many_samples():
    metric = _MeanMetric()
    metric.process(None, [_toy(1), _toy(2), _toy(3)])
    with pytest.raises(ValueError, match=r"3 samples on 1 process\(es\), but evaluate\(size=2\)"):
        metric.evaluate(2)


def test_maps_without_channel_and_arrays_are_accepted():
    metric = _MeanMetric()
    metric.process(None, [{"gt": {"data": [[2.0]]}, "pred": {"data": torch.zeros(1, 1, 1)}}])
    assert metric.evaluate(1) == {"toy/mean": 2.0}


@pytest.mark.parametrize("name", ["SemSegMetric", "DepthMetric", "NormalMetric"])
def test_registered_with_default_prefix(name):
    metric = METRICS.build({"type": f"mmaux.{name}"})
    expected = {SemSegMetric: "semseg", DepthMetric: "depth", NormalMetric: "normal"}
    assert metric.prefix == expected[type(metric)]


def test_two_processes_equal_one(tmp_path):
    """Odd and even sizes, fewer images than processes, with and without padding."""
    outputs = [tmp_path / f"{rank}.json" for rank in range(2)]
    processes = [
        subprocess.Popen(
            [sys.executable, WORKER, str(rank), "2", tmp_path / "store", output],
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank, output in enumerate(outputs)
    ]
    try:
        errors = [process.communicate(timeout=180)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], errors
    first, second = (json.loads(output.read_text()) for output in outputs)
    assert "6 samples on 2 process(es), but evaluate(size=3)" in first["overflow"]
    # As text, in which NaN equals NaN.
    assert json.dumps(first["results"]) == json.dumps(second["results"])

    single = WORKER_CODE["evaluate_cases"]()
    assert len(single) == len(first["results"]) == 5
    for ours, expected in zip(first["results"], single, strict=True):
        assert ours == pytest.approx(expected, rel=1e-12, nan_ok=True)
