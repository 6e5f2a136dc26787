import copy

import pytest
import torch
from multi_task_toy import TASKS, ToyModel, batch, gradients_of_step, objectives, wrapper_of

pytest.importorskip("torchjd")

from mmaux.engine.optimizers import Scalarization
from mmaux.engine.optimizers.methods.drawing import torch_seeded_for_step
from mmaux.engine.optimizers.torchjd_modules import build_scalarizer

SPECS = {
    "Sum": "Sum",
    "Mean": "Mean",
    "Random": "Random",
    "GeometricMean": "GeometricMean",
    "DWA": "DWA",
    "UW": "UW",
    "IMTLL": "IMTLL",
    "FAMO": "FAMO",
    "STCH": {"type": "STCH", "mu": 5.0},
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_gradients_are_those_of_the_function_of_the_losses(spec):
    model = ToyModel()
    losses = torch.stack(list(objectives(model, batch()).values()))
    with torch_seeded_for_step(0, 0):
        build_scalarizer(spec, count=3).double()(losses).backward()
    found = gradients_of_step({"type": "mmaux.Scalarization", "scalarizer": spec})
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(found[name], parameter.grad, rtol=1e-6, atol=1e-9)


def test_what_a_function_learns_follows_adam():
    """IMTL-L: the derivative of sum_k e^{s_k} L_k - s_k by s_k is e^{s_k} L_k - 1."""
    model = ToyModel()
    method = {"type": "mmaux.Scalarization", "scalarizer": "IMTLL", "learning_rate": 0.1}
    wrapper = wrapper_of(model, method, optimizer=torch.optim.SGD(model.parameters(), lr=0.0))
    losses = torch.stack(list(objectives(model, batch()).values())).detach()
    scales = torch.zeros(3, dtype=torch.float32, requires_grad=True)
    adam = torch.optim.Adam([scales], lr=0.1)
    for _ in range(4):
        logged = wrapper.train_step(model, batch())
        expected = scales.detach().exp()
        for task, weight in zip(TASKS, expected.tolist(), strict=True):
            assert logged[f"{task}.task_weight"].item() == pytest.approx(weight, rel=1e-5)
        scales.grad = (expected * losses - 1).float()
        adam.step()


def test_dwa_compares_windows_of_iterations():
    """Liu et al. 2019, equation 7: K softmax(L(t-1) / L(t-2) / T) over mean losses of windows."""
    model = ToyModel()
    method = {
        "type": "mmaux.Scalarization",
        "scalarizer": {"type": "DWA", "temperature": 2.0},
        "window": 2,
    }
    wrapper = wrapper_of(model, method)
    seen = []
    for number in range(6):
        seen.append(torch.stack(list(objectives(model, batch(number)).values())).detach())
        logged = wrapper.train_step(model, batch(number))
        weights = torch.stack([logged[f"{task}.task_weight"] for task in TASKS]).double()
        expected = torch.ones(3).double()
        if number >= 4:
            rates = (seen[2] + seen[3]) / (seen[0] + seen[1])
            expected = 3 * torch.softmax(rates / 2, dim=0)
        torch.testing.assert_close(weights, expected, rtol=1e-6, atol=0)


def test_famo_learns_from_the_losses_after_the_update():
    model = ToyModel()
    wrapper = wrapper_of(model, {"type": "mmaux.Scalarization", "scalarizer": "FAMO"})
    reference = build_scalarizer("FAMO", count=3).double()
    twin = copy.deepcopy(model)
    optimizer = torch.optim.SGD(twin.parameters(), lr=0.1)
    for number in range(4):
        reference(torch.stack(list(objectives(twin, batch(number)).values()))).backward()
        optimizer.step()
        optimizer.zero_grad()
        after = torch.stack(list(objectives(twin, batch(number)).values()))
        reference.update(after.detach())
        wrapper.train_step(model, batch(number))
        assert len(model.forwards) == 2 * (number + 1)
    learned = wrapper.method._scalarizer._w
    torch.testing.assert_close(learned.double(), reference._w, rtol=1e-3, atol=1e-6)
    assert learned.abs().max() > 0.01


def test_famos_further_pass_leaves_batch_norms_alone():
    class Normed(ToyModel):
        def __init__(self):
            super().__init__()
            self.norm = torch.nn.BatchNorm1d(4).double()

        def forward(self, inputs, mode="loss", **kwargs):
            return super().forward({**inputs, "x": self.norm(inputs["x"])}, mode, **kwargs)

    model = Normed()
    wrapper_of(model, {"type": "mmaux.Scalarization", "scalarizer": "FAMO"}).train_step(
        model, batch()
    )
    assert len(model.forwards) == 2
    mean = batch()["inputs"]["x"].mean(dim=0)
    torch.testing.assert_close(model.norm.running_mean, 0.1 * mean)
    assert model.norm.num_batches_tracked == 1


@pytest.mark.parametrize("spec", ["GeometricMean", "FAMO", "DWA", "IMTLL"])
def test_a_task_without_labels_keeps_its_last_loss_and_moves_nothing(spec):
    model = ToyModel()
    wrapper = wrapper_of(model, {"type": "mmaux.Scalarization", "scalarizer": spec})
    wrapper.train_step(model, batch(0))
    before = model.heads["depth"].weight.detach().clone()
    shared = model.first.weight.detach().clone()
    wrapper.train_step(model, batch(1, labelled=("semseg", "normal")))
    assert torch.equal(before, model.heads["depth"].weight)
    assert not torch.equal(shared, model.first.weight)
    assert all(parameter.isfinite().all() for parameter in model.parameters())


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"torchjd has no 'dwa'.*Did you mean 'DWA'"):
        Scalarization(scalarizer="dwa")
    with pytest.raises(ValueError, match="window is a number of iterations, found 0"):
        Scalarization(scalarizer="DWA", window=0)
