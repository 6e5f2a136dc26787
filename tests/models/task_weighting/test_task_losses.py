import torch

from mmaux.models.task_weighting import sum_by_task, task_of


def test_what_stands_before_the_first_dot_is_the_task():
    assert task_of("depth.aux.backbone.0.loss_berhu") == "depth"
    assert task_of("depth.loss_berhu") == "depth"


def test_main_and_auxiliary_losses_are_summed_and_the_rest_is_left_out():
    values = {
        "semseg.loss_ce": 1.0,
        "semseg.acc_seg": 90.0,
        "depth.loss_berhu": 2.0,
        "semseg.aux.loss_ce": 4.0,
        "semseg.aux.loss_dice": 8.0,
    }
    sums = sum_by_task({name: torch.tensor(value) for name, value in values.items()})
    assert {task: float(value) for task, value in sums.items()} == {"semseg": 13.0, "depth": 2.0}


def test_sums_keep_the_graph():
    x = torch.tensor(3.0, requires_grad=True)
    sums = sum_by_task({"depth.loss_a": x**2, "depth.loss_b": 5 * x})
    sums["depth"].backward()
    assert x.grad.item() == 2 * 3 + 5
