from dataclasses import replace
from pathlib import Path

import pytest
from fake_tools import write_experiment

from mmaux.experiments.data_identity import data_identity
from mmaux.experiments.experiment import MIOU, Experiment, Group, Row
from mmaux.experiments.plan import (
    MissingConfigError,
    missing_runs,
    plan_runs,
    select_rows,
)
from mmaux.experiments.setting import Setting
from mmaux.experiments.tables import FIGURE_3, TABLE_1

GROUP = Group(
    title="Small",
    network="net",
    reference="joint",
    singles=("single_semseg",),
    rows=(
        Row("PT", "prior", starts_from="single_semseg", lr_factor=0.1),
        Row("Joint", "joint"),
        Row("Twice", "twice", starts_from="prior"),
        Row("Single", "single_semseg"),
    ),
)
EXPERIMENT = Experiment("small", "Small", "rooms", (MIOU,), (GROUP,), note="")
NAMES = ["prior_net_rooms", "joint_net_rooms", "twice_net_rooms", "single_semseg_net_rooms"]


@pytest.fixture
def setting(tmp_path):
    configs, data = write_experiment(tmp_path, NAMES)
    return Setting("rooms", "paper", (0, 3), tmp_path / "out", data_root=data, configs=configs)


def test_each_run_comes_after_the_one_it_starts_from(setting):
    runs = plan_runs(EXPERIMENT, setting)
    order = [(run.name.removesuffix("_net_rooms"), run.seed) for run in runs]
    of_a_seed = ["single_semseg", "prior", "joint", "twice"]
    assert order == [(name, seed) for seed in (0, 3) for name in of_a_seed]
    by_title = {run.title: run for run in runs}
    single, prior = (by_title[f"{n}_net_rooms, seed 3"] for n in ("single_semseg", "prior"))
    assert prior.needs == single.folder
    assert single.needs is None
    assert single.folder == setting.out / "runs/paper/single_semseg_net_rooms/seed_3"
    assert missing_runs(runs) == runs


def test_a_config_of_two_groups_runs_once(setting):
    twice = replace(EXPERIMENT, groups=(GROUP, replace(GROUP, title="Again")))
    assert plan_runs(twice, setting) == plan_runs(EXPERIMENT, setting)


def test_what_is_set_in_every_config(setting):
    run = plan_runs(EXPERIMENT, setting)[0]
    for loader in ("train_dataloader", "test_dataloader"):
        assert run.config[loader].dataset.data_root == str(setting.data_root)
    assert run.config.val_cfg is run.config.val_dataloader is run.config.val_evaluator is None
    assert run.config.default_hooks.logger.interval == 1
    assert run.iterations == 3
    assert Path(run.config.filename).stem == run.name


def test_a_row_can_change_the_config_of_another(setting):
    options = {"optim_wrapper": {"clip_grad": {"max_norm": 3.0}}, "train_cfg.max_iters": 7}
    changed = Row("Clipped", "clipped_joint", base="joint", options=options, lr_factor=3.0)
    experiment = replace(EXPERIMENT, groups=(replace(GROUP, rows=(*GROUP.rows, changed)),))
    runs = {run.name: run for run in plan_runs(experiment, replace(setting, schedule="short"))}
    run, base = runs["clipped_joint_net_rooms"], runs["joint_net_rooms"]
    assert run.folder.parent.name == "clipped_joint_net_rooms"
    assert run.iterations == 7
    assert run.config.optim_wrapper.clip_grad == {"max_norm": 3.0}
    assert run.config.optim_wrapper.optimizer.lr == 3 * base.config.optim_wrapper.optimizer.lr
    assert "clip_grad" not in base.config.optim_wrapper


def test_a_schedule_that_is_laid_over_keeps_the_smaller_learning_rate(setting):
    runs = plan_runs(EXPERIMENT, replace(setting, schedule="short"))
    rates = {run.name: run.config.optim_wrapper.optimizer.lr for run in runs}
    assert rates["prior_net_rooms"] == pytest.approx(0.1 * rates["joint_net_rooms"])
    assert rates["twice_net_rooms"] == rates["joint_net_rooms"]
    own = {
        run.name: run.config.optim_wrapper.optimizer.lr for run in plan_runs(EXPERIMENT, setting)
    }
    assert set(own.values()) == {0.1}, "the config's own schedule says it itself"


@pytest.mark.parametrize("schedule", ["paper", "short"])
def test_a_row_without_a_config_of_its_own_has_its_learning_rate_always(setting, schedule):
    """Else rows that tune it would repeat one another."""
    slow = Row("Slow", "slow_joint", base="joint", lr_factor=0.25)
    experiment = replace(EXPERIMENT, groups=(replace(GROUP, rows=(*GROUP.rows, slow)),))
    runs = plan_runs(experiment, replace(setting, schedule=schedule))
    rates = {run.name: run.config.optim_wrapper.optimizer.lr for run in runs}
    assert rates["slow_joint_net_rooms"] == 0.25 * rates["joint_net_rooms"]


def test_backbones_start_from_the_given_weights(tmp_path):
    weights = tmp_path / "weights.pth"
    weights.touch()
    joint = select_rows(FIGURE_3, ["joint"])
    setting = Setting("rooms", "short", (0,), tmp_path, backbone_weights=str(weights))
    (run,) = plan_runs(joint, setting)
    assert run.config.model.backbone.init_cfg == {
        "type": "Pretrained",
        "checkpoint": str(weights),
    }
    assert run.folder == tmp_path / "runs/short/joint_mbv2_rooms/seed_0"
    (run,) = plan_runs(joint, replace(setting, backbone_weights="mmcls://net"))
    assert run.config.model.backbone.init_cfg.checkpoint == "mmcls://net"
    with pytest.raises(FileNotFoundError, match=r"backbone_weights: there is no file 'nowhere'"):
        plan_runs(joint, replace(setting, backbone_weights="nowhere"))


def test_expansion_is_pre_training_and_fine_tuning(tmp_path):
    joint = select_rows(TABLE_1, ["joint"])
    weights = tmp_path / "weights.pth"
    weights.touch()
    setting = Setting(
        "nyud",
        "expansion",
        (0,),
        tmp_path,
        data_root=tmp_path / "nyud",
        expansion_root=tmp_path / "expansion",
        backbone_weights=str(weights),
    )
    first, second, *_ = plan_runs(joint, setting)
    assert (first.iterations, second.iterations) == (40000, 10000)
    assert first.folder == tmp_path / "runs/expansion_pretrain/joint_mbv2_nyud/seed_0"
    assert second.folder == tmp_path / "runs/expansion/joint_mbv2_nyud/seed_0"
    assert (first.needs, second.needs) == (None, first.folder)
    assert first.title == "joint_mbv2_nyud (pre-training), seed 0"
    roots = [
        Path(run.config[f"{split}_dataloader"].dataset.data_root).name
        for run in (first, second)
        for split in ("train", "test")
    ]
    assert roots == ["expansion", "nyud", "nyud", "nyud"]
    assert first.config.model.backbone.init_cfg.checkpoint == str(weights)
    assert second.config.model.backbone.init_cfg is None


def test_expansion_fits_the_papers_tables_on_nyud_only(setting):
    with pytest.raises(ValueError, match=r"for NYUD-v2; found the data 'rooms'"):
        plan_runs(TABLE_1, replace(setting, schedule="expansion"))
    with pytest.raises(ValueError, match=r"PT_1, PT_2, AT_1, AT_2 of figure3 start from other"):
        plan_runs(FIGURE_3, Setting("nyud", "expansion", (0,), setting.out))


def test_missing_configs_are_all_named(setting):
    for name in NAMES[:2]:
        (setting.configs / f"{name}.py").unlink()
    with pytest.raises(MissingConfigError) as error:
        plan_runs(EXPERIMENT, setting)
    for name in NAMES[:2]:
        assert f"{setting.configs / name}.py" in str(error.value)
    assert "twice_net_rooms" not in str(error.value)


def test_rows_that_cannot_be_ordered(setting):
    rows = (Row("A", "prior", starts_from="joint"), Row("B", "joint", starts_from="prior"))
    circle = replace(EXPERIMENT, groups=(replace(GROUP, rows=rows),))
    with pytest.raises(ValueError, match="start from each other: prior from joint from prior"):
        plan_runs(circle, setting)
    rows = (Row("A", "prior", starts_from="nothing"),)
    lost = replace(EXPERIMENT, groups=(replace(GROUP, rows=rows),))
    with pytest.raises(ValueError, match="no row 'nothing'; it has prior"):
        plan_runs(lost, setting)


def test_selected_rows_bring_what_they_start_from():
    (group,) = select_rows(EXPERIMENT, ["twice"]).groups
    assert [row.strategy for row in group.rows] == ["prior", "twice", "single_semseg"]
    with pytest.raises(ValueError, match=r"small has no joynt; it has prior, joint"):
        select_rows(EXPERIMENT, ["joynt"])


def test_data_are_known_by_their_lists_and_their_conversion(setting):
    config = plan_runs(EXPERIMENT, setting)[0].config
    before = data_identity(config)
    assert before["conversion"] == {"dataset": "Small", "seed": 0}
    assert before["train"]["samples"] == 2
    (setting.data_root / "splits/train.txt").write_text("train_0\n")
    after = data_identity(config)
    assert after["train"]["samples"] == 1
    assert after["test"] == before["test"]
    (setting.data_root / "splits/test.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"no splits/test\.txt.*--data-root"):
        data_identity(config)


def test_data_without_a_list_are_known_by_their_pictures(setting):
    config = plan_runs(EXPERIMENT, setting)[0].config
    config.train_dataloader.dataset.ann_file = ""
    with pytest.raises(FileNotFoundError, match="there is no image"):
        data_identity(config)
    (setting.data_root / "image").mkdir()
    for name in ("b.jpg", "a.jpg"):
        (setting.data_root / "image" / name).touch()
    before = data_identity(config)
    assert before["train"]["samples"] == 2
    (setting.data_root / "image" / "a.jpg").rename(setting.data_root / "image" / "c.jpg")
    assert data_identity(config)["train"]["sha256"] != before["train"]["sha256"]
