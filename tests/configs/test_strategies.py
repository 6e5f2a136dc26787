"""What makes each strategy of section 4.2 different."""

from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from room_folder import write_room
from small_runs import CONFIGS, run_tool, small_options

from mmaux.registry import MODELS
from mmaux.utils.checkpoint import last_load_report

DATA = pytest.mark.parametrize("data", ["nyud", "rooms"])
TASKS = pytest.mark.parametrize(("task", "other"), [("semseg", "depth"), ("depth", "semseg")])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "room"
    write_room(root)
    return root


def read(name: str) -> Config:
    return Config.fromfile(CONFIGS / f"{name}.py")


def differences(one: Any, other: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """Where two configs differ: dotted path to both values."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return {} if one == other else {path: (one, other)}
    found = {}
    for key in one.keys() | other.keys():
        here = f"{path}.{key}" if path else key
        found |= differences(one.get(key), other.get(key), here)
    return found


# Configs -----------------------------------------------------------------------------------------


@DATA
@TASKS
@pytest.mark.parametrize("with_module", [False, True], ids=["prior", "auxi"])
def test_a_prior_changes_the_start_and_the_rate(
    data: str, task: str, other: str, with_module: bool
) -> None:
    base = f"auxi_{other}" if with_module else "joint"
    prior = f"prior_{task}_auxi_{other}" if with_module else f"prior_{task}"
    before, after = read(f"{base}_mbv2_{data}"), read(f"{prior}_mbv2_{data}")
    single = read(f"single_{task}_mbv2_{data}")
    start = f"work_dirs/single_{task}_mbv2_{data}/iter_{single.train_cfg.max_iters}.pth"
    assert differences(before.to_dict(), after.to_dict()) == {
        "load_from": (None, start),
        "optim_wrapper.optimizer.lr": (0.01, 0.001),
    }
    assert single.model.backbone == after.model.backbone
    assert single.model.heads[task] == after.model.heads[task]


@DATA
def test_learned_uncertainties_are_trained_without_weight_decay(data: str) -> None:
    joint, kendall = read(f"joint_mbv2_{data}"), read(f"kendall_mbv2_{data}")
    assert differences(joint.to_dict(), kendall.to_dict()).keys() == {
        "model.task_weighting",
        "optim_wrapper.paramwise_cfg",
    }
    init_default_scope("mmaux")
    kendall.model.backbone.init_cfg = None
    model = MODELS.build(kendall.model)
    optimizer = build_optim_wrapper(model, kendall.optim_wrapper).optimizer
    decays = {id(p): g["weight_decay"] for g in optimizer.param_groups for p in g["params"]}
    expected = {
        name: 0.0 if name.startswith("task_weighting.") else 1e-4
        for name, _ in model.named_parameters()
    }
    assert {n: decays[id(p)] for n, p in model.named_parameters()} == expected
    assert list(expected.values()).count(0.0) == 2
    assert model.task_weighting.kinds == {"semseg": "classification", "depth": "regression"}


@DATA
@TASKS
def test_deep_supervision_is_at_the_inputs_of_the_auxiliary_module(
    data: str, task: str, other: str
) -> None:
    joint, deep = read(f"joint_mbv2_{data}"), read(f"deep_{task}_mbv2_{data}")
    assert differences(joint.to_dict(), deep.to_dict()).keys() == {"model.auxiliary"}
    auxiliary = read(f"auxi_both_mbv2_{data}").model.auxiliary
    assert deep.model.auxiliary == {
        "type": "mmaux.DeepSupervision",
        "taps": auxiliary.taps,
        "in_channels": auxiliary.in_channels,
        "tasks": (task,),
        "loss_weight": 0.1,
    }


SINGLE_CHAINS = [
    *((f"auxi_{t}_mbv2_nyud", "auxi_both_mbv2_nyud", t) for t in ("semseg", "depth")),
    *((f"auxi_{t}_mbv2_rooms", "auxi_both_mbv2_rooms", t) for t in ("semseg", "depth")),
    *(
        (f"auxi_{t}_all_mbv2_ushape_rooms", "auxi_all_mbv2_ushape_rooms", t)
        for t in ("semseg", "depth", "normal")
    ),
]


@pytest.mark.parametrize(("name", "base", "task"), SINGLE_CHAINS)
def test_a_module_for_one_task_has_its_chain_only(name: str, base: str, task: str) -> None:
    both, one = read(base), read(name)
    changed = differences(both.to_dict(), one.to_dict())
    assert changed == {"model.auxiliary.architecture.tasks": (None, (task,))}
    one.model.backbone.init_cfg = None
    assert list(MODELS.build(one.model).auxiliary.heads) == [task]


# Training from a prior ---------------------------------------------------------------------------


def runner_of(name: str, root: Path, folder: Path, **changes: Any) -> Runner:
    config = read(name)
    config.merge_from_dict({**small_options(config, root), **changes})
    config.work_dir = str(folder)
    config.experiment_name = f"strategies_{folder.name}"
    return Runner.from_cfg(config)


@pytest.mark.parametrize("prior", ["prior_semseg", "prior_semseg_auxi_depth"])
def test_a_prior_starts_from_the_trained_task(prior: str, root: Path, tmp_path: Path) -> None:
    single = runner_of("single_semseg_mbv2_rooms", root, tmp_path / f"single_{prior}")
    initial = {k: v.clone() for k, v in single.model.state_dict().items()}
    single.train()
    trained = single.model.state_dict()
    file = tmp_path / f"single_{prior}" / "iter_1.pth"

    runner = runner_of(f"{prior}_mbv2_rooms", root, tmp_path / prior, load_from=str(file))
    fresh = {k: v.clone() for k, v in runner.model.state_dict().items()}
    runner.load_or_resume()
    loaded = runner.model.state_dict()
    from_single = {k for k in loaded if k.startswith(("backbone.", "heads.semseg."))}
    assert from_single == trained.keys()
    assert all(torch.equal(loaded[k], trained[k]) for k in from_single)
    assert any(not torch.equal(trained[k], initial[k]) for k in from_single)
    # The rest is as it was initialised.
    rest = loaded.keys() - from_single
    parts = {"heads", "auxiliary"} if "auxi" in prior else {"heads"}
    assert {k.partition(".")[0] for k in rest} == parts
    assert all(torch.equal(loaded[k], fresh[k]) for k in rest)
    assert not torch.equal(
        loaded["heads.depth.decoder.convs.0.conv.weight"],
        trained["heads.semseg.decoder.convs.0.conv.weight"],
    )

    report = last_load_report(runner.model).groups()
    assert report["backbone"].complete
    assert report["heads.semseg"].complete
    assert not report["heads.depth"].matched
    assert (runner.iter, runner.epoch) == (0, 0)


def test_the_command_refuses_a_prior_without_its_file(tmp_path: Path) -> None:
    printed = run_tool("train.py", CONFIGS / "prior_semseg_mbv2_rooms.py", cwd=tmp_path, fails=True)
    message = printed.stdout.splitlines()[-1]
    assert "no 'work_dirs/single_semseg_mbv2_rooms/iter_10000.pth'" in message
    assert "Training samples" not in printed.stdout
