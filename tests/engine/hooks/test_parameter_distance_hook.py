import json
from pathlib import Path

import pytest
import torch
from mmengine.runner import Runner
from run_configs import small_run

from mmaux.engine.hooks import ParameterDistanceHook

MODULES = ("backbone.layer1", "backbone")
HOOK = {"type": "mmaux.ParameterDistanceHook", "modules": MODULES, "interval": 2}


def runner_with(folder: Path, *, iterations: int, resume: bool = False) -> Runner:
    config = small_run(folder, iterations=iterations)
    config.custom_hooks = [*config.custom_hooks, HOOK]
    config.resume = resume
    return Runner.from_cfg(config)


def recorded(runner: Runner) -> dict[int, dict[str, float]]:
    file = Path(runner.visualizer.get_backend("LocalVisBackend")._scalar_save_file)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return {
        line["step"]: {k: v for k, v in line.items() if k.startswith("distance/")}
        for line in lines
        if "distance/backbone" in line
    }


def flat(module: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten().clone() for p in module.parameters()])


def test_relative_distance_from_the_start(tmp_path: Path) -> None:
    runner = runner_with(tmp_path, iterations=3)
    before = {}
    initialise = runner.model.init_weights

    def init_weights() -> None:
        initialise()
        before.update({name: flat(runner.model.get_submodule(name)) for name in MODULES})

    runner.model.init_weights = init_weights
    runner.train()
    found = recorded(runner)
    assert list(found) == [2, 3]  # every second iteration, and the last one
    for name, begun in before.items():
        now = flat(runner.model.get_submodule(name))
        expected = float((now - begun).norm() / begun.norm())
        assert found[3][f"distance/{name}"] == pytest.approx(expected, rel=1e-5)
        assert found[2][f"distance/{name}"] != found[3][f"distance/{name}"] > 0


def test_a_resumed_run_measures_from_the_first_start(tmp_path: Path) -> None:
    whole = runner_with(tmp_path / "whole", iterations=4)
    whole.train()
    runner_with(tmp_path / "parts", iterations=2).train()
    again = runner_with(tmp_path / "parts", iterations=4, resume=True)
    again.train()
    assert again.iter == 4
    assert recorded(again)[4] == recorded(whole)[4]

    (file,) = (tmp_path / "parts").rglob("initial_parameters.pth")
    file.unlink()
    with pytest.raises(ValueError, match=r"initial_parameters\.pth' is missing, in which the run"):
        runner_with(tmp_path / "parts", iterations=6, resume=True).train()


def test_interval_is_positive() -> None:
    with pytest.raises(ValueError, match="1 or more, got 0"):
        ParameterDistanceHook(interval=0)
