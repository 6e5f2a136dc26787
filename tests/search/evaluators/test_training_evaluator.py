import copy
import gc
import random
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from room_folder import TRAIN
from small_runs import CONFIGS

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.models.auxiliary import AuxiliaryArchitecture
from mmaux.registry import SEARCH_EVALUATORS
from mmaux.search import SearchSpace
from mmaux.search.evaluators import TrainingEvaluator, training_evaluator
from mmaux.search.evaluators.candidate_training import measure_network, train_network
from mmaux.search.evaluators.meta_split import cut_meta_split
from mmaux.search.reward import geometric_mean_reward

Build = Callable[..., TrainingEvaluator]
SPACE = SearchSpace(("semseg", "depth"), 4)
FIRST, SECOND = (SPACE.decode(SPACE.sample(random.Random(seed))) for seed in (1, 2))
BASIC = AuxiliaryArchitecture.basic(num_inputs=4, tasks=("semseg", "depth"))


def test_the_result_depends_on_architecture_and_seed_alone(build: Build) -> None:
    evaluator = build()
    first = evaluator.evaluate(FIRST, seed=3)
    second = evaluator.evaluate(SECOND, seed=3)
    assert first.reward != second.reward
    torch.manual_seed(99)
    assert evaluator.evaluate(FIRST, seed=3) == first
    assert build().evaluate(SECOND, seed=3) == second
    assert evaluator.evaluate(FIRST, seed=4).reward != first.reward


def test_global_random_numbers_and_logging_are_left_alone(build: Build) -> None:
    def states() -> tuple[Any, ...]:
        numpy = np.random.get_state()[1].tolist()  # type: ignore[union-attr]
        return random.getstate(), numpy, torch.get_rng_state().tolist()

    level = MMLogger.get_current_instance().level
    before = states()
    evaluator = build()
    evaluator.evaluate(BASIC, seed=0)
    assert states() == before
    assert MMLogger.get_current_instance().level == level


def test_without_auxiliary_losses_all_candidates_are_the_same_network(build: Build) -> None:
    """Batches, flips, dropout masks and the main network's first weights are common to all."""
    evaluator = build(options={"model.auxiliary.loss_weight": 0.0})
    results = [evaluator.evaluate(a, seed=5) for a in (FIRST, SECOND, BASIC)]
    assert results[0] == results[1] == results[2]


def test_reward_metrics_and_curve_belong_together(build: Build) -> None:
    evaluator = build(iterations=5, points=2)
    assert evaluator.points == (3, 5)
    found = evaluator.evaluate(BASIC, seed=0)
    assert [iteration for iteration, _ in found.curve] == [3, 5]
    assert found.curve[-1][1] == found.reward
    assert found.curve[0][1] != found.reward
    assert found.reward == geometric_mean_reward(found.metrics, evaluator.reward_metrics)
    assert not found.stopped_early


def test_training_raises_the_reward(build: Build) -> None:
    faster = {"optim_wrapper.optimizer.lr": 0.02}
    found = build(iterations=30, points=10, options=faster).evaluate(BASIC, seed=0)
    assert found.reward > found.curve[0][1] + 0.05


def test_a_candidate_below_the_bar_is_stopped(build: Build) -> None:
    evaluator = build(iterations=6, points=3)
    whole = evaluator.evaluate(BASIC, seed=0)
    rewards = dict(whole.curve)
    bar = {2: rewards[2] - 1e-6, 4: rewards[4] + 1e-6, 6: 1.0}
    stopped = evaluator.evaluate(BASIC, seed=0, bar=bar)
    assert stopped.stopped_early
    assert stopped.curve == whole.curve[:2]
    assert stopped.reward == rewards[4]
    # At its end a candidate is as good as it is.
    assert evaluator.evaluate(BASIC, seed=0, bar={6: 1.0}) == whole


def test_a_deformable_cell_trains_on_the_cpu(build: Build) -> None:
    pytest.importorskip("mmcv.ops")
    content = BASIC.to_dict()
    for cells in content["chains"].values():
        cells[-1]["adaptors"] = ["deform_conv3x3", "deform_conv3x3"]
    found = build().evaluate(AuxiliaryArchitecture.from_dict(content), seed=0)
    assert 0 < found.reward < 1


def test_diverging_training_raises_and_leaves_the_worker_usable(build: Build) -> None:
    evaluator = build()
    expected = evaluator.evaluate(BASIC, seed=0)
    optimizer = evaluator._optim_wrapper["optimizer"]
    rate, optimizer["lr"] = optimizer["lr"], 1e30
    with pytest.raises(FloatingPointError, match=r"not finite within 2 iterations; lower the lear"):
        evaluator.evaluate(BASIC, seed=0)
    optimizer["lr"] = rate
    assert evaluator.evaluate(BASIC, seed=0) == expected


def test_lack_of_memory_raises_and_frees_the_network(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluator = build()
    expected = evaluator.evaluate(BASIC, seed=0)
    networks = []

    def full(self: MultiTaskEncoderDecoder, *args: Any) -> None:
        networks.append(weakref.ref(self))
        raise torch.OutOfMemoryError("tried to allocate 80 GiB")

    with monkeypatch.context() as patch:
        patch.setattr(MultiTaskEncoderDecoder, "train_step", full)
        with pytest.raises(MemoryError, match="cpu: tried to allocate 80 GiB") as caught:
            evaluator.evaluate(BASIC, seed=0)
        gc.collect()
        assert networks[0]() is None  # while the error is still held
        assert caught.value.__context__ is None
    assert evaluator.evaluate(BASIC, seed=0) == expected


def test_measures_what_a_runner_measures(
    build: Build, content: dict[str, Any], tmp_path: Path
) -> None:
    evaluator = build()
    network = evaluator._build(BASIC, seed=0)
    found = measure_network(
        network, evaluator.val_data, metrics=content["val_evaluator"], batch_size=4
    )
    split = cut_meta_split(Config(copy.deepcopy(content)), val_fraction=0.34)
    loader = {
        "batch_size": 1,
        "num_workers": 0,
        "dataset": split.val,
        "sampler": {"type": "mmengine.DefaultSampler", "shuffle": False},
    }
    runner = Runner(
        model=evaluator._build(BASIC, seed=0),
        work_dir=str(tmp_path),
        test_dataloader=loader,
        test_evaluator=content["val_evaluator"],
        test_cfg={},
        experiment_name="search_measures",
        default_scope="mmaux",
    )
    expected = runner.test()
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=1e-5)
    # Measuring again gives the same: predictions do not stay in the samples.
    again = measure_network(
        network, evaluator.val_data, metrics=content["val_evaluator"], batch_size=1
    )
    assert again == pytest.approx(found, rel=1e-5)
    assert "pred_depth_map" not in evaluator.val_data.samples[0]


# --- the start ------------------------------------------------------------------------------


def test_start_is_trained_once_on_meta_train_and_kept(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"start_iterations": 6, "work_dir": str(tmp_path / "search")}
    first = build(**settings)
    (file,) = (tmp_path / "search").glob("*.pth")
    seen = {Path(sample.img_path).stem for sample in first.train_data.samples[0]}
    held_out = {Path(sample.img_path).stem for sample in first.val_data.samples}
    assert seen | held_out == set(TRAIN)
    assert not seen & held_out

    without = build(start_iterations=6)
    assert without.evaluate(FIRST, seed=0) == first.evaluate(FIRST, seed=0)
    assert build().evaluate(FIRST, seed=0) != first.evaluate(FIRST, seed=0)

    build(start_iterations=5, work_dir=str(tmp_path / "search"))
    assert len(list((tmp_path / "search").glob("*.pth"))) == 2

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("trained again")

    with monkeypatch.context() as patch:
        patch.setattr(training_evaluator, "train_network", refuse)
        second = build(**settings)
    assert second.evaluate(FIRST, seed=0) == first.evaluate(FIRST, seed=0)
    given = build(start=str(file))
    assert given.evaluate(FIRST, seed=0) == first.evaluate(FIRST, seed=0)


def test_candidates_start_from_the_given_weights(build: Build) -> None:
    evaluator = build(
        start_iterations=4,
        iterations=1,
        points=1,
        learning_rate=0.0,
        options={"model.auxiliary.loss_weight": 0.0},
    )
    assert evaluator._start is not None
    network = evaluator._build(None, seed=0)
    network.load_state_dict(evaluator._start)
    # Without learning a step moves the running statistics only.
    training = train_network(
        network,
        evaluator.train_data,
        optim_wrapper=evaluator._optim_wrapper,
        iterations=1,
        batch_size=2,
        seed=0,
        stops=(1,),
    )
    assert list(training) == [1]
    assert evaluator.evaluate(FIRST, seed=0).metrics == evaluator._measure(network)
    assert evaluator.evaluate(FIRST, seed=0) == evaluator.evaluate(SECOND, seed=0)
    # The joint network was trained at the config's learning rate.
    usual = build(start_iterations=4)
    assert all(map(torch.equal, evaluator._start.values(), usual._start.values()))


def test_a_checkpoint_of_another_network_is_refused(build: Build, tmp_path: Path) -> None:
    torch.save({"state_dict": {"backbone.conv1.conv.weight": torch.zeros(3)}}, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=r"x\.pth' is not of this config's network"):
        build(start=str(tmp_path / "x.pth"))
    with pytest.raises(ValueError, match=r"start: checkpoint '.*absent\.pth' cannot be read"):
        build(start=str(tmp_path / "absent.pth"))


# --- shared weights -------------------------------------------------------------------------


def test_shared_weights_are_trained_once_by_random_architectures_and_kept(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"shared_architectures": 3, "start_iterations": 3}
    kept = {**settings, "work_dir": str(tmp_path / "search")}
    first = build(**kept)
    assert len(list((tmp_path / "search").glob("shared_*.pth"))) == 1
    found = first.evaluate(FIRST, seed=0)
    assert found == first.evaluate(FIRST, seed=0)
    assert found == build(**settings).evaluate(FIRST, seed=0)
    assert found != build(start_iterations=3).evaluate(FIRST, seed=0)

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("trained again")

    with monkeypatch.context() as patch:
        patch.setattr(training_evaluator, "train_network", refuse)
        second = build(**kept)
    assert second.evaluate(FIRST, seed=0) == found
    build(**{**kept, "shared_architectures": 2})
    assert len(list((tmp_path / "search").glob("shared_*.pth"))) == 2


def test_the_main_network_rests_while_shared_weights_are_trained(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = []

    def watched(network: MultiTaskEncoderDecoder, *args: Any, **options: Any) -> Any:
        before = {name: p.detach().clone() for name, p in network.named_parameters()}
        yield from train_network(network, *args, **options)
        moved = {n for n, p in network.named_parameters() if not torch.equal(p, before[n])}
        turns.append((options["seed"], moved, set(before)))

    monkeypatch.setattr(training_evaluator, "train_network", watched)
    build(shared_architectures=2)
    assert [seed for seed, _, _ in turns] == [0, 1]
    for _, moved, names in turns:
        assert moved == {name for name in names if name.startswith("auxiliary.")}


# --- building -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"iterations": 0}, "TrainingEvaluator: iterations is 0; expected 1 or more"),
        ({"shared_architectures": -1}, "shared_architectures is -1; expected 0 or more"),
        ({"points": 0}, "TrainingEvaluator: points is 0; expected 1 or more"),
        ({"options": {"model.auxiliary": None}}, "auxiliary=None; expected a mmaux.MultiTaskEnc"),
        ({"reward": ["depth/rmse"]}, r"say nothing about \['semseg'\]"),
        ({"schedule": "shorter"}, "schedule: found 'shorter', expected one of short"),
    ],
)
def test_bad_settings_are_refused(build: Build, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_an_architecture_of_another_space_is_refused(build: Build) -> None:
    other = AuxiliaryArchitecture.basic(num_inputs=3, tasks=("semseg", "depth"))
    with pytest.raises(ValueError, match="reads 3 feature maps"):
        build().evaluate(other, seed=0)


def test_known_by_name(content: dict[str, Any]) -> None:
    evaluator = SEARCH_EVALUATORS.build(
        {
            "type": "mmaux.TrainingEvaluator",
            "config": content,
            "schedule": None,
            "iterations": 3,
            "val_fraction": 0.34,
            "start_iterations": 0,
        }
    )
    assert isinstance(evaluator, TrainingEvaluator)
    assert evaluator.points == (1, 2, 3)


def test_shipped_configs_are_read_by_name_and_by_file() -> None:
    options = {"train_dataloader.dataset.data_root": "here"}
    name = "auxi_both_mbv2_rooms.py"
    read = training_evaluator.read_config
    by_name = read(f"mmaux::{name}", schedule="short", options=options)
    by_file = read(CONFIGS / name, schedule="short", options=options)
    assert by_name.to_dict() == by_file.to_dict()
    assert by_name.train_dataloader.dataset.data_root == "here"
    assert by_name.model.data_preprocessor.size == (120, 160)


def test_reading_a_config_leaves_the_options_alone():
    init = {"_delete_": True, "type": "Pretrained", "checkpoint": "w.pth"}
    options = {"model": {"backbone": {"init_cfg": init}}}
    read = training_evaluator.read_config
    first = read("mmaux::auxi_both_mbv2_rooms.py", schedule="short_pretrained", options=options)
    assert options == {"model": {"backbone": {"init_cfg": init}}}
    again = read("mmaux::auxi_both_mbv2_rooms.py", schedule="short_pretrained", options=options)
    assert first.model.backbone.init_cfg == again.model.backbone.init_cfg
