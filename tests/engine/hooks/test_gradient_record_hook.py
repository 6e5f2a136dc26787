import copy
import importlib.util
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from networks import auxiliary, batch, decoder, heads, network_config
from run_configs import small_run

from mmaux.engine.hooks import GradientRecordHook
from mmaux.engine.task_gradients import task_gradients
from mmaux.registry import HOOKS

LAYERS = ("backbone.layer1", "backbone.layer6")
TASKS = ("semseg", "depth", "normal")
HOOK = {"type": "mmaux.GradientRecordHook", "layers": LAYERS, "interval": 1}
WORKER = Path(__file__).with_name("gradient_worker.py")


def worker():
    spec = importlib.util.spec_from_file_location("gradient_worker", WORKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def runner_with(folder, *hooks, iterations=3, method=None, **model):
    """Training with an auxiliary module and with dropout, whose random numbers would shift."""
    with_dropout = heads()
    for head in with_dropout.values():
        head["decoder"] = decoder(dropout_ratio=0.5)
    settings = {"auxiliary": auxiliary(), "heads": with_dropout, **model}
    config = small_run(folder, iterations=iterations, **settings)
    config.custom_hooks = [*config.custom_hooks, *hooks]
    if method is not None:
        config.optim_wrapper = {
            **config.optim_wrapper,
            "type": "mmaux.MultiTaskOptimWrapper",
            "method": method,
        }
    return Runner.from_cfg(config)


def recorded(runner):
    """Records of the hook in LocalVisBackend's file, by iteration."""
    file = Path(runner.visualizer.get_backend("LocalVisBackend")._scalar_save_file)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return {
        line.pop("step"): line for line in lines if any(k.startswith("gradient/") for k in line)
    }


class Before(Hook):
    """Keeps what an iteration begins with."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.model = copy.deepcopy(runner.model)
        self.data = copy.deepcopy(data_batch)
        self.random = torch.get_rng_state()


def test_weights_are_the_same_to_the_bit_with_and_without(tmp_path):
    ends = []
    for name, hooks in (("without", ()), ("with", (HOOK,))):
        (tmp_path / name).mkdir()
        runner = runner_with(tmp_path / name, *hooks)
        runner.train()
        momenta = [
            s["momentum_buffer"] for s in runner.optim_wrapper.state_dict()["state"].values()
        ]
        ends.append((runner.model.state_dict(), momenta, torch.get_rng_state()))
    (weights, momenta, random), (others, other_momenta, other_random) = ends
    assert len(recorded(runner)) == 3
    assert all(torch.equal(weights[k], others[k]) for k in weights)
    assert all(torch.equal(a, b) for a, b in zip(momenta, other_momenta, strict=True))
    assert torch.equal(random, other_random)


def test_values_against_a_copy_of_the_network(tmp_path):
    before = Before()
    runner = runner_with(tmp_path, HOOK, iterations=2)
    runner.register_hook(before, priority="HIGHEST")
    runner.train()
    found = recorded(runner)[2]

    model = before.model.train()
    torch.set_rng_state(before.random)
    losses = model(**model.data_preprocessor(before.data, True), mode="loss")
    gradients = {}
    for task in TASKS:
        names = [k for k in losses if k.startswith(f"{task}.") and "loss" in k]
        assert len(names) == 2  # main and auxiliary
        total = sum(losses[k] for k in names)
        assert found[f"task_loss/{task}"] == pytest.approx(total.item(), rel=1e-6)
        model.zero_grad()
        total.backward(retain_graph=True)
        for layer in LAYERS:
            parameters = model.get_submodule(layer).parameters()
            gradient = torch.cat([p.grad.flatten().double() for p in parameters])
            gradients[layer, task] = gradient
            key = f"gradient/{layer}/mean_abs/{task}"
            assert found[key] == pytest.approx(gradient.abs().mean().item(), rel=1e-4)
    for layer in LAYERS:
        rows = [gradients[layer, task] for task in TASKS]
        total = found[f"gradient/{layer}/mean_abs/total"]
        assert total == pytest.approx(sum(rows).abs().mean().item(), rel=1e-4)
        for i, j in ((0, 1), (0, 2), (1, 2)):
            cosine = torch.cosine_similarity(rows[i], rows[j], dim=0).item()
            key = f"gradient/{layer}/cosine/{TASKS[i]}-{TASKS[j]}"
            assert found[key] == pytest.approx(cosine, abs=1e-4)
    assert len(found) == 3 + 2 * (4 + 3)


def test_only_every_interval_and_to_every_backend(tmp_path):
    config = small_run(tmp_path, iterations=5)
    config.custom_hooks = [{**HOOK, "interval": 2}]
    backends = [{"type": f"mmengine.{name}VisBackend"} for name in ("Local", "Tensorboard")]
    config.visualizer = {"type": "mmengine.Visualizer", "vis_backends": backends, "name": "both"}
    runner = Runner.from_cfg(config)
    runner.train()
    runner.visualizer.close()
    records = recorded(runner)
    assert list(records) == [2, 4]

    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    (file,) = Path(config.work_dir).rglob("events.out.tfevents*")
    events = accumulator.EventAccumulator(str(file)).Reload()
    for name in records[2]:
        points = {event.step: event.value for event in events.Scalars(name)}
        assert points == pytest.approx({step: records[step][name] for step in (2, 4)})


@pytest.mark.parametrize("interval", [0, 50])
def test_off_it_touches_nothing(tmp_path, interval, monkeypatch):
    runner = runner_with(tmp_path, {**HOOK, "interval": interval})

    def fail(*args, **kwargs):
        raise AssertionError("listened to the network")

    monkeypatch.setattr(runner.model, "register_forward_hook", fail)
    runner.train()
    assert not recorded(runner)


def test_it_stops_listening_after_its_iteration(tmp_path):
    runner = runner_with(tmp_path, HOOK)
    runner.train()
    assert not runner.model._forward_hooks


def test_a_backbone_that_recomputes_is_left_alone_with_a_reason(tmp_path, caplog):
    backbone = {**network_config()["backbone"], "with_cp": True}
    runner = runner_with(tmp_path, HOOK, iterations=1, backbone=backbone)
    with caplog.at_level(logging.WARNING, logger=runner.logger.name):
        runner.logger.addHandler(caplog.handler)
        runner.train()
    assert "records nothing: backbone" in caplog.text
    assert "has with_cp=True" in caplog.text
    assert not recorded(runner)


def test_an_unknown_layer_is_refused_before_training(tmp_path):
    runner = runner_with(tmp_path, {**HOOK, "layers": ("backbone.layer9",)})
    with pytest.raises(ValueError, match=r"no module 'backbone\.layer9'; .*backbone\.layer"):
        runner.train()
    assert runner.iter == 0


def test_a_negative_interval():
    with pytest.raises(ValueError, match="got -1"):
        HOOKS.build({**HOOK, "interval": -1})


def test_mixed_precision_is_recorded_without_its_scale(monkeypatch):
    """AmpOptimWrapper needs a GPU: its two parts, autocast and the loss scaler, on the CPU."""
    tool = worker()
    records = {}
    used = []

    def spy(*args, scale):
        used.append(scale)
        return task_gradients(*args, scale=scale)

    monkeypatch.setattr("mmaux.engine.hooks.gradient_record_hook.task_gradients", spy)
    for scale in (1.0, 1024.0):
        network = tool.small_network()
        scaler = torch.amp.GradScaler("cpu", init_scale=scale)
        data = network.data_preprocessor(batch(tool.TASKS, tool.TASKS), True)
        visualizer = tool.Recorder()
        wrapper = type("Wrapper", (), {"loss_scaler": scaler})()
        runner = type("Runner", (), {"model": network, "optim_wrapper": wrapper, "iter": 0})()
        runner.visualizer = visualizer
        hook = GradientRecordHook(layers=LAYERS, interval=1)
        hook.before_train(runner)
        hook.before_train_iter(runner, 0)
        with torch.autocast("cpu", torch.bfloat16):
            network(**data, mode="loss")
        hook.after_train_iter(runner, 0)
        records[scale] = visualizer.records[1]
    assert used == [1.0, 1024.0]
    assert records[1.0] == pytest.approx(records[1024.0], rel=0.05)
    assert all(v > 0 for k, v in records[1.0].items() if "mean_abs" in k)


def test_values_that_are_not_finite_are_left_out(caplog):
    tool = worker()
    network = tool.small_network()
    runner = type("Runner", (), {"model": network, "iter": 0, "optim_wrapper": None})()
    runner.visualizer = tool.Recorder()
    hook = GradientRecordHook(layers=LAYERS, interval=1)
    hook.before_train(runner)
    hook.before_train_iter(runner, 0)
    with torch.no_grad():
        network.heads["depth"].decoder.conv_seg.weight.fill_(float("inf"))
    network(**network.data_preprocessor(batch(tool.TASKS), True), mode="loss")
    hook.after_train_iter(runner, 0)
    found = runner.visualizer.records[1]
    assert "task_loss/semseg" in found
    assert "task_loss/depth" not in found
    assert all(abs(v) < float("inf") for v in found.values())


def test_two_processes_record_the_mean_of_their_gradients_and_train_as_without(tmp_path):
    path = os.pathsep.join([str(Path(__file__).parents[3]), str(Path(__file__).parents[2])])
    environment = {
        **os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"
    }  # fmt: skip
    outs = [tmp_path / f"{rank}.json" for rank in (0, 1)]
    processes = [
        subprocess.Popen(
            [sys.executable, WORKER, str(rank), "2", tmp_path / "store", out],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank, out in enumerate(outs)
    ]
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors[-3000:]
    first, second = (json.loads(out.read_text()) for out in outs)
    gradients = {k: v for k, v in first["record"].items() if k.startswith("gradient/")}
    assert gradients == {k: second["record"][k] for k in gradients}
    assert len({*first["digests"], *second["digests"]}) == 1

    tool = worker()
    means = {}
    for rank in (0, 1):
        network = tool.small_network()
        data = batch(tool.TASKS, tool.TASKS, seed=rank)
        losses = network(**network.data_preprocessor(data, True), mode="loss")
        for task in tool.TASKS:
            total = sum(v for k, v in losses.items() if k.startswith(f"{task}.") and "loss" in k)
            network.zero_grad()
            total.backward(retain_graph=True)
            parameters = network.backbone.layer1.parameters()
            gradient = torch.cat([p.grad.flatten() for p in parameters]) / 2
            means[task] = means.get(task, 0) + gradient
    for task, mean in means.items():
        key = f"gradient/backbone.layer1/mean_abs/{task}"
        assert gradients[key] == pytest.approx(mean.abs().mean().item(), rel=1e-4)


@pytest.mark.parametrize(
    "method",
    [
        {"type": "mmaux.Alternation"},
        {"type": "mmaux.Aggregation", "aggregator": "MGDA", "level": "features"},
    ],
)
def test_methods_that_never_have_the_whole_graph_are_refused(method, tmp_path):
    runner = runner_with(tmp_path, HOOK, method=method)
    with pytest.raises(ValueError, match=f"which {method['type'].split('.')[1]} as it is set up"):
        runner.train()


def test_a_pass_without_gradients_records_nothing(tmp_path):
    method = {"type": "mmaux.Scalarization", "scalarizer": "FAMO"}
    runner = runner_with(tmp_path, HOOK, method=method)
    runner.train()
    values = recorded(runner)
    assert len(values) == 3
    assert all(entry[f"task_loss/{task}"] > 0 for entry in values.values() for task in TASKS)
