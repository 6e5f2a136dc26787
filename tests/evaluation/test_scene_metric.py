import math

import pytest
import torch

from mmaux.evaluation import DEFAULT_HEADLINE, SceneMetric, delta_m


def sample(prediction=None, truth=None):
    fields = {"pred_scene": prediction, "gt_scene": truth}
    return {
        name: {"data": torch.tensor([[[value]]])}
        for name, value in fields.items()
        if value is not None
    }


def evaluate(*samples):
    metric = SceneMetric()
    for entry in samples:
        metric.process(None, [entry])
    return metric.evaluate(len(samples))


def test_percentage_of_labelled_images():
    assert evaluate(sample(0, 0), sample(2, 1), sample(3, 3), sample(1, 1)) == {
        "scene/accuracy": 75.0
    }
    # One without a label and one whose label is unknown do not count.
    assert evaluate(sample(0, 0), sample(2), sample(2, 255), sample(1, 0)) == {
        "scene/accuracy": 50.0
    }


def test_nothing_labelled_is_nan():
    assert math.isnan(evaluate(sample(1), sample(0, 255))["scene/accuracy"])


def test_a_network_without_the_head_is_named():
    with pytest.raises(ValueError, match="gt_scene but no pred_scene: the model needs the head 's"):
        evaluate(sample(truth=1))


def test_it_is_the_tasks_headline():
    assert DEFAULT_HEADLINE["scene/accuracy"] == "up"
    # -(0.4-0.5)/0.5 = +20 % and (60-50)/50 = +20 %, tasks that neither has are left out.
    one = {"depth/rmse": 0.4, "scene/accuracy": 60.0}
    assert delta_m(one, {"depth/rmse": 0.5, "scene/accuracy": 50.0}) == pytest.approx(20.0)
    with pytest.raises(ValueError, match="'scene/accuracy' is not in the baseline"):
        delta_m(one, {"depth/rmse": 0.5})
