import pytest
import torch
from multi_task_toy import TASKS, ToyModel, batch, objectives, wrapper_of

METHOD = {"type": "mmaux.GradNorm", "layers": ["second"], "alpha": 1.5, "learning_rate": 0.05}


def test_weights_follow_equation_2_of_the_paper():
    model = ToyModel()
    wrapper = wrapper_of(model, METHOD)
    weights = torch.ones(3, requires_grad=True)
    adam = torch.optim.Adam([weights], lr=0.05)
    first = None
    for number in range(5):
        losses = objectives(model, batch(number))
        values = torch.stack([loss.detach() for loss in losses.values()]).float()
        first = values if first is None else first
        norms = torch.stack(
            [
                torch.cat(
                    [
                        g.flatten()
                        for g in torch.autograd.grad(
                            loss, list(model.second.parameters()), retain_graph=True
                        )
                    ]
                ).norm()
                for loss in losses.values()
            ]
        ).float()
        logged = wrapper.train_step(model, batch(number))
        for task, weight in zip(TASKS, weights.tolist(), strict=True):
            assert logged[f"{task}.task_weight"].item() == pytest.approx(weight, rel=1e-4)
        rate = (values / first) / (values / first).mean()
        size = weights * norms
        target = size.mean().detach() * rate**1.5
        (weights.grad,) = torch.autograd.grad((size - target).abs().sum(), weights)
        adam.step()
        with torch.no_grad():
            weights *= 3 / weights.sum()
    assert weights.detach().std() > 0.02


def test_the_model_descends_the_weighted_sum():
    model = ToyModel()
    wrapper = wrapper_of(model, METHOD, optimizer=torch.optim.SGD(model.parameters(), lr=1.0))
    wrapper.method._begin(TASKS)
    with torch.no_grad():
        wrapper.method._weights.copy_(torch.tensor([0.5, 1.0, 1.5]))
    losses = list(objectives(model, batch()).values())
    total = 0.5 * losses[0] + losses[1] + 1.5 * losses[2]
    expected = torch.autograd.grad(total, list(model.parameters()))
    before = [p.detach().clone() for p in model.parameters()]
    wrapper.train_step(model, batch())
    for old, new, gradient in zip(before, model.parameters(), expected, strict=True):
        torch.testing.assert_close(old - new.detach(), gradient)


def test_without_all_labels_the_weights_stay():
    model = ToyModel()
    wrapper = wrapper_of(model, METHOD)
    wrapper.train_step(model, batch(0))
    before = wrapper.method._weights.detach().clone()
    wrapper.train_step(model, batch(1, labelled=("semseg",)))
    assert torch.equal(before, wrapper.method._weights)
    wrapper.train_step(model, batch(2))
    assert not torch.equal(before, wrapper.method._weights)


def test_an_unknown_layer_is_named():
    model = ToyModel()
    wrapper = wrapper_of(model, {**METHOD, "layers": ["third"]})
    with pytest.raises(ValueError, match="no module 'third'"):
        wrapper.train_step(model, batch())
