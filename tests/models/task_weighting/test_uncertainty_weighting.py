import math

import pytest
import torch

from mmaux.models.task_weighting import UncertaintyWeighting, uncertainty_weight

KINDS = {"semseg": "classification", "depth": "regression"}


def build(**log_variances):
    weighting = UncertaintyWeighting(kinds=KINDS)
    with torch.no_grad():
        for task, value in log_variances.items():
            weighting.log_variances[task].fill_(value)
    return weighting


def losses(semseg=3.0, depth=5.0):
    return {"semseg.loss_ce": torch.tensor(semseg), "depth.loss_berhu": torch.tensor(depth)}


def total(weighted):
    return sum(value for name, value in weighted.items() if "loss" in name)


@pytest.mark.parametrize("sigma", [0.5, 1.0, 3.0])
def test_the_papers_factors(sigma):
    s = torch.tensor(math.log(sigma**2))
    assert uncertainty_weight(s, kind="classification").item() == pytest.approx(1 / sigma**2)
    assert uncertainty_weight(s, kind="regression").item() == pytest.approx(1 / (2 * sigma**2))


def test_against_the_objective_by_hand():
    weighted = build(semseg=math.log(4.0), depth=math.log(0.25))(
        {**losses(), "semseg.aux.loss_ce": torch.tensor(7.0), "semseg.acc_seg": torch.tensor(50.0)}
    )
    # sigma is 2 for segmentation and 0.5 for depth.
    expected = {
        "semseg.loss_ce": 3 / 4,
        "semseg.aux.loss_ce": 7 / 4,
        "semseg.acc_seg": 50.0,
        "semseg.loss_log_sigma": math.log(2.0),
        "semseg.weight": 1 / 4,
        "depth.loss_berhu": 5 / (2 * 0.25),
        "depth.loss_log_sigma": math.log(0.5),
        "depth.weight": 2.0,
    }
    assert {k: v.item() for k, v in weighted.items()} == pytest.approx(expected, rel=1e-6)


def test_it_starts_at_sigma_one():
    weighted = {k: v.item() for k, v in build()(losses()).items()}
    assert weighted["semseg.loss_ce"] == 3.0
    assert weighted["depth.loss_berhu"] == 2.5
    assert weighted["semseg.loss_log_sigma"] == weighted["depth.loss_log_sigma"] == 0.0


def test_gradients_by_hand():
    weighting = build(semseg=0.3, depth=-0.7)
    semseg, depth = (torch.tensor(v, requires_grad=True) for v in (3.0, 5.0))
    total(weighting({"semseg.loss_ce": semseg, "depth.loss_berhu": depth})).backward()
    grads = {task: s.grad.item() for task, s in weighting.log_variances.items()}
    assert grads["semseg"] == pytest.approx(0.5 - 3 * math.exp(-0.3), rel=1e-6)
    assert grads["depth"] == pytest.approx(0.5 - 5 * math.exp(0.7) / 2, rel=1e-6)
    assert semseg.grad.item() == pytest.approx(math.exp(-0.3), rel=1e-6)
    assert depth.grad.item() == pytest.approx(math.exp(0.7) / 2, rel=1e-6)


@pytest.mark.parametrize("loss", [0.01, 0.5, 20.0])
def test_training_finds_the_analytic_optimum(loss):
    weighting = build()
    optimizer = torch.optim.Adam(weighting.parameters(), lr=0.05)
    for step in range(1500):
        for group in optimizer.param_groups:
            group["lr"] = 0.05 * (1 - step / 1500)
        optimizer.zero_grad()
        total(weighting(losses(loss, loss))).backward()
        optimizer.step()
    found = {task: s.item() for task, s in weighting.log_variances.items()}
    assert found["semseg"] == pytest.approx(math.log(2 * loss), abs=1e-3)
    assert found["depth"] == pytest.approx(math.log(loss), abs=1e-3)


def test_a_task_without_labels_does_not_move_its_variance_even_by_momentum():
    weighting = build()
    optimizer = torch.optim.SGD(weighting.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    for value in (5.0, 0.0):
        before = {task: s.item() for task, s in weighting.log_variances.items()}
        optimizer.zero_grad()
        total(weighting(losses(depth=value))).backward()
        optimizer.step()
        moved = {task for task, s in weighting.log_variances.items() if s.item() != before[task]}
        assert moved == ({"semseg", "depth"} if value else {"semseg"})
        assert before["depth"] != 0 or value  # momentum was there to move it


def test_under_distributed_training_it_stays_in_the_graph(monkeypatch):
    module = "mmaux.models.task_weighting.uncertainty_weighting.is_distributed"
    monkeypatch.setattr(module, lambda: True)
    weighting = build(depth=0.4)
    weighted = weighting(losses(depth=0.0))
    total(weighted).backward()
    assert weighting.log_variances["depth"].grad.item() == 0.0
    assert weighted["depth.loss_log_sigma"].item() == pytest.approx(0.2)


def test_the_parameters_are_saved_under_the_tasks_names():
    assert set(build().state_dict()) == {"log_variances.semseg", "log_variances.depth"}


def test_a_head_that_does_not_say_what_it_predicts():
    with pytest.raises(ValueError, match=r"heads\.edge: its kind is None.*'regression'"):
        UncertaintyWeighting(kinds={**KINDS, "edge": None})
