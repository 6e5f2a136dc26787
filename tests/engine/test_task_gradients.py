import pytest
import torch
from torch import nn

from mmaux.engine.task_gradients import gradient_statistics, task_gradients, trainable_layers


class Network(nn.Module):
    """Two shared layers, the second of which one task does not use."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.trunk = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4))
        self.neck = nn.Linear(4, 2)

    def losses(self):
        x = torch.linspace(-1, 1, 15, dtype=torch.float64).reshape(5, 3)
        features = self.trunk(x)
        return {"a": features.pow(2).sum(), "b": self.neck(features).sin().sum()}


def test_against_a_backward_pass_for_each_task():
    network = Network().double()
    names = ("trunk.0", "neck", "trunk")
    layers = trainable_layers(network, names)
    found = task_gradients(network.losses(), layers)
    assert all(p.grad is None for p in network.parameters())
    for row, task in enumerate("ab"):
        network.zero_grad()
        network.losses()[task].backward()
        for name in names:
            part = network.get_submodule(name)
            expected = [
                torch.zeros_like(p) if p.grad is None else p.grad for p in part.parameters()
            ]
            expected = torch.cat([g.flatten() for g in expected])
            torch.testing.assert_close(found[name][row], expected)
    assert not found["neck"][0].any()
    assert found["neck"][1].all()


def test_the_graph_is_left_for_training():
    network = Network().double()
    losses = network.losses()
    task_gradients(losses, trainable_layers(network, ["trunk"]))
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in network.parameters())


def test_the_scale_goes_in_and_out_again():
    network = Network()
    network.double()
    layers = trainable_layers(network, ["trunk"])
    plain, scaled = (task_gradients(network.losses(), layers, scale=s) for s in (1.0, 1024.0))
    torch.testing.assert_close(plain, scaled)


def test_the_scale_saves_gradients_from_underflow():
    weight = nn.Parameter(torch.ones(()))
    layers = {"w": [weight]}
    losses = {"a": (weight.half() * 1e-3).float() * 1e-6}  # 1e-6 * 1e-3 is 0 in half precision
    lost, kept = (task_gradients(losses, layers, scale=s)["w"].item() for s in (1.0, 65536.0))
    assert lost == 0
    assert kept == pytest.approx(1e-9, rel=1e-2)


def test_statistics_by_hand():
    gradients = torch.tensor([[3.0, -4.0], [4.0, 3.0], [-6.0, 8.0]])
    assert gradient_statistics(gradients, ["a", "b", "c"]) == {
        "mean_abs/a": 3.5,
        "mean_abs/b": 3.5,
        "mean_abs/c": 7.0,
        "mean_abs/total": 4.0,  # of (1, 7)
        "cosine/a-b": 0.0,
        "cosine/a-c": -1.0,
        "cosine/b-c": 0.0,
    }


def test_a_zero_gradient_has_no_direction():
    found = gradient_statistics(torch.tensor([[3.0, -4.0], [0.0, 0.0]]), ["a", "b"])
    assert found == {"mean_abs/a": 3.5, "mean_abs/b": 0.0, "mean_abs/total": 3.5}


def test_an_unknown_layer_is_answered_with_near_names():
    with pytest.raises(ValueError, match=r"no module 'trunk\.3'; there are .*trunk\.2"):
        trainable_layers(Network(), ["trunk.3"])
    with pytest.raises(ValueError, match=r"no module 'xyz'; there are trunk, neck"):
        trainable_layers(Network(), ["xyz"])


def test_a_layer_that_is_not_trained():
    network = Network()
    network.neck.requires_grad_(False)
    for name, kind in (("neck", "Linear"), ("trunk.1", "Tanh")):
        with pytest.raises(ValueError, match=rf"'{name}' \({kind}\) has no trainable parameter"):
            trainable_layers(network, [name])


def test_frozen_parameters_of_a_layer_do_not_count():
    network = Network().double()
    network.trunk[0].requires_grad_(False)
    layers = trainable_layers(network, ["trunk"])
    assert task_gradients(network.losses(), layers)["trunk"].shape == (2, 4 * 4 + 4)
