import copy
import io

import mmengine.optim.optimizer.amp_optimizer_wrapper as amp
import pytest
import torch
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from multi_task_toy import TASKS, ToyModel, batch, objectives, reference_rows, wrapper_of
from run_configs import small_run
from torch import nn

from mmaux.engine.optimizers import MultiTaskAmpOptimWrapper
from mmaux.engine.optimizers.torchjd_modules import build_aggregator

METHODS = {
    "sum": {"type": "mmaux.Scalarization", "scalarizer": "Sum"},
    "dwa": {"type": "mmaux.Scalarization", "scalarizer": "DWA", "window": 2},
    "random": {"type": "mmaux.Scalarization", "scalarizer": "Random"},
    "imtl_l": {"type": "mmaux.Scalarization", "scalarizer": "IMTLL"},
    "famo": {"type": "mmaux.Scalarization", "scalarizer": "FAMO"},
    "gradnorm": {"type": "mmaux.GradNorm", "layers": ["second"]},
    "mgda": {"type": "mmaux.Aggregation", "aggregator": "MGDA"},
    "pcgrad": {"type": "mmaux.Aggregation", "aggregator": "PCGrad"},
    "graddrop": {"type": "mmaux.Aggregation", "aggregator": "GradDrop"},
    "gradvac": {"type": "mmaux.Aggregation", "aggregator": "GradVac"},
    "nash_mtl": {"type": "mmaux.Aggregation", "aggregator": "NashMTL"},
    "nash_mtl_every": {"type": "mmaux.Aggregation", "aggregator": "NashMTL", "every": 2},
    "features": {"type": "mmaux.Aggregation", "aggregator": "UPGrad", "level": "features"},
    "alternation": {"type": "mmaux.Alternation"},
    "alternation_per_task": {"type": "mmaux.Alternation", "groups": 2, "state": "per_task"},
    "alternation_pooled": {"type": "mmaux.Alternation", "groups": 2, "state": "pooled"},
}
EVERY = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
ACCUMULATING = pytest.mark.parametrize(
    "method",
    [method for method in METHODS.values() if "Alternation" not in method["type"]],
    ids=[name for name in METHODS if "alternation" not in name],
)


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=0.02)


def states(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


@EVERY
def test_a_resumed_training_is_the_uninterrupted_one_to_the_bit(method):
    whole = ToyModel()
    wrapper = wrapper_of(whole, method, optimizer=adam(whole))
    for number in range(7):
        if number == 4:
            file = io.BytesIO()
            torch.save({"model": whole.state_dict(), "optimizer": wrapper.state_dict()}, file)
        wrapper.train_step(whole, batch(number))

    file.seek(0)
    saved = torch.load(file, weights_only=False)
    resumed = ToyModel(seed=1)
    resumed.load_state_dict(saved["model"])
    other = wrapper_of(resumed, method, optimizer=adam(resumed))
    other.load_state_dict(saved["optimizer"])
    for number in range(4, 7):
        other.train_step(resumed, batch(number))
    for name, value in states(whole).items():
        assert torch.equal(value, resumed.state_dict()[name]), name


@ACCUMULATING
def test_gradients_are_accumulated_before_they_are_combined(method):
    """Two batches of 4 do what one of 8 does: every loss is a mean over the batch."""
    if method.get("level") == "features":
        pytest.skip("the features of a batch are combined batch by batch")
    whole, halves = ToyModel(), ToyModel()
    one = wrapper_of(whole, method)
    two = wrapper_of(halves, method, accumulative_counts=2)
    loss_dependent = method.get("scalarizer") in ("DWA", "FAMO", "IMTLL") or "GradNorm" in str(
        method
    )
    for number in range(1 if loss_dependent or method.get("every") else 3):
        data = batch(number)["inputs"]["x"]
        one.train_step(whole, {"inputs": {"x": data}})
        before = states(halves)
        two.train_step(halves, {"inputs": {"x": data[:4]}})
        assert all(torch.equal(value, before[name]) for name, value in states(halves).items())
        if method.get("scalarizer") in ("Random", "FAMO", "IMTLL"):
            return  # weighs each batch by itself
        if method.get("aggregator") in ("PCGrad", "GradDrop", "GradVac"):
            two.number_of_steps = one.number_of_steps - 1  # draws by the number of the step
        two.train_step(halves, {"inputs": {"x": data[4:]}})
    for name, value in states(whole).items():
        # Nash-MTL's solver stops at a tolerance, which rounding moves.
        rtol = 1e-3 if method.get("aggregator") == "NashMTL" else 1e-5
        torch.testing.assert_close(value, halves.state_dict()[name], rtol=rtol, atol=1e-8)


def test_the_combined_gradient_is_clipped():
    rows = reference_rows()
    model = ToyModel()
    before = states(model)
    wrapper = wrapper_of(
        model,
        METHODS["mgda"],
        optimizer=torch.optim.SGD(model.parameters(), lr=1.0),
        clip_grad={"max_norm": 0.5},
    )
    wrapper.train_step(model, batch())
    names = [name for name, _ in model.named_parameters()]
    shared = [n for n in names if not n.startswith("heads")]
    matrix = torch.stack(
        [
            torch.cat(
                [(torch.zeros_like(before[n]) if r[n] is None else r[n]).flatten() for n in shared]
            )
            for r in rows.values()
        ]
    )
    combined = build_aggregator("MGDA", count=3)(matrix)
    private = [rows[n.split(".")[1]][n].flatten() for n in names if n.startswith("heads")]
    norm = torch.cat([combined, *private]).norm()
    step = torch.cat([(before[n] - p.detach()).flatten() for n, p in model.named_parameters()])
    assert norm > 0.5
    assert step.norm().item() == pytest.approx(0.5, rel=1e-5)
    found = torch.cat([(before[n] - model.state_dict()[n]).flatten() for n in shared])
    torch.testing.assert_close(found, 0.5 / norm * combined, rtol=1e-5, atol=1e-9)


@pytest.fixture
def amp_on_cpu(monkeypatch):
    """mmengine's wrapper for mixed precision, with torch's gradient scaler for CPUs."""
    monkeypatch.setattr(amp, "is_cuda_available", lambda: True)
    monkeypatch.setattr(amp, "GradScaler", lambda **kwargs: torch.amp.GradScaler("cpu", **kwargs))


@EVERY
@pytest.mark.usefixtures("amp_on_cpu")
def test_the_loss_scale_changes_nothing(method):
    """In float64, whose rounding does not depend on a scale of a power of two."""
    plain, mixed = ToyModel(), ToyModel()
    one = wrapper_of(plain, method, clip_grad={"max_norm": 1.0})
    two = wrapper_of(
        mixed,
        method,
        kind=MultiTaskAmpOptimWrapper,
        clip_grad={"max_norm": 1.0},
        loss_scale={"init_scale": 2.0**12},
        dtype="float64",
    )
    two.autocast = one.autocast
    for number in range(3):
        one.train_step(plain, batch(number))
        two.train_step(mixed, batch(number))
    assert two.gradient_scale == 2.0**12
    for name, value in states(plain).items():
        torch.testing.assert_close(value, mixed.state_dict()[name], rtol=1e-9, atol=1e-12)


@EVERY
@pytest.mark.usefixtures("amp_on_cpu")
def test_an_overflow_skips_the_step_and_halves_the_scale(method):
    class Overflowing(ToyModel):
        def forward(self, inputs, mode="loss", **kwargs):
            losses = super().forward(inputs, mode, **kwargs)
            if inputs["x"].abs().max() > 100 and "depth.loss_main" in losses:
                # A finite loss whose gradient overflows.
                losses["depth.loss_main"] = (
                    self.heads["depth"]
                    .bias[0]
                    .sub(self.heads["depth"].bias[0].detach() - 1e-320)
                    .sqrt()
                    + self.first.bias.sub(self.first.bias.detach() - 1e-320).sqrt().sum()
                )
            return losses

    model = Overflowing()
    wrapper = wrapper_of(
        model, method, kind=MultiTaskAmpOptimWrapper, loss_scale={"init_scale": 2.0**900}
    )
    wrapper.autocast = lambda: torch.autocast("cpu", enabled=False)
    before = states(model)
    # At 2^900 the gradients of float64 overflow once they are squared or doubled often enough.
    wrapper.loss_scaler = torch.amp.GradScaler("cpu", init_scale=float("inf"))
    wrapper.train_step(model, batch())
    assert all(torch.equal(value, before[name]) for name, value in states(model).items())


def test_a_sum_of_losses_is_refused_with_the_line_that_mends_it():
    model = ToyModel()
    wrapper = wrapper_of(model, METHODS["sum"])
    with pytest.raises(TypeError, match=r"train_cfg=dict\(type='mmaux\.ResumableTrainLoop'"):
        wrapper.update_params(torch.tensor(1.0))


def test_a_checkpoint_of_another_wrapper_is_refused():
    model = ToyModel()
    plain = OptimWrapper(optimizer=adam(model))
    wrapper = wrapper_of(model, METHODS["sum"], optimizer=adam(model))
    with pytest.raises(ValueError, match="load_from instead of resume"):
        wrapper.load_state_dict(plain.state_dict())
    shared = wrapper_of(model, METHODS["alternation"], optimizer=adam(model))
    owned = wrapper_of(model, METHODS["alternation_per_task"], optimizer=adam(model))
    with pytest.raises(ValueError, match="was trained with one state"):
        owned.load_state_dict(shared.state_dict())


def test_another_projects_model_needs_names_by_task_only():
    """No shared maps, no tasks to choose from: lists of losses, and values that are not losses."""

    class Foreign(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 2)
            self.data_preprocessor = lambda data, training: data

        def _run_forward(self, data, mode):
            out = self.layer(data["inputs"]["x"].float())
            return {
                "a.loss_x": [out[:, 0].square(), out[:, 0].abs()],
                "b.loss_y": out[:, 1].square(),
                "b.acc": out[:, 1].detach(),
            }

    for method in METHODS.values():
        if method.get("level") == "features" or "layers" in method:
            continue
        model = Foreign()
        before = states(model)
        logged = wrapper_of(model, method).train_step(model, batch())
        assert {"loss", "a.loss_x", "b.loss_y", "b.acc"} <= logged.keys()
        assert not torch.equal(before["layer.weight"], model.layer.weight)


def test_models_without_losses_are_refused():
    class Silent(ToyModel):
        def forward(self, inputs, mode="loss", **kwargs):
            return {"acc": inputs["x"].mean()}

    class Odd(ToyModel):
        def forward(self, inputs, mode="loss", **kwargs):
            return {"a.loss": 1.0}

    for kind, error, message in (
        (Silent, ValueError, r"returned no loss \(found acc\)"),
        (Odd, TypeError, r"loss 'a\.loss' is a float"),
    ):
        model = kind()
        with pytest.raises(error, match=message):
            wrapper_of(model, METHODS["sum"]).train_step(model, batch())


@pytest.mark.parametrize("name", ["nash_mtl", "features", "alternation_per_task", "famo"])
def test_a_real_network_trains_and_resumes_under_a_runner(name, tmp_path):
    def run(folder, iterations, resume_from=None):
        folder.mkdir(exist_ok=True)
        config = small_run(folder, iterations=4)
        config.train_cfg.max_iters = iterations
        config.default_hooks.checkpoint.interval = 2
        config.optim_wrapper = {
            "type": "mmaux.MultiTaskOptimWrapper",
            "optimizer": {"type": "mmengine.AdamW", "lr": 1e-3},
            "method": METHODS[name],
        }
        if resume_from is not None:
            config.resume, config.load_from = True, str(resume_from)
        config.experiment_name = f"{folder.name}_{iterations}"
        runner = Runner.from_cfg(config)
        runner.train()
        return runner.model.state_dict()

    whole = run(tmp_path / "whole", 4)
    run(tmp_path / "cut", 2)
    (file,) = (tmp_path / "cut").rglob("iter_2.pth")
    resumed = run(tmp_path / "cut", 4, resume_from=file)
    assert all(torch.equal(value, resumed[key]) for key, value in whole.items())


def test_plain_training_and_the_sum_are_the_same_to_the_bit():
    model, twin = ToyModel(), ToyModel()
    wrapper = wrapper_of(model, None, optimizer=adam(model))
    plain = adam(twin)
    for number in range(5):
        wrapper.train_step(model, batch(number))
        plain.zero_grad()
        torch.stack(list(objectives(twin, batch(number)).values())).sum().backward()
        plain.step()
    assert all(torch.equal(v, twin.state_dict()[k]) for k, v in model.state_dict().items())
    assert copy.deepcopy(TASKS) == wrapper.method._tasks
