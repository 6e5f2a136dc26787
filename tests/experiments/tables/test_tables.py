import pytest
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import nn

from mmaux.engine.optimizers import MultiTaskOptimWrapper
from mmaux.experiments.experiment import DATA, Row
from mmaux.experiments.row_config import load_config
from mmaux.experiments.setting import Setting
from mmaux.experiments.tables import (
    ABLATION,
    EXPERIMENTS,
    OPTIMIZATION,
    OPTIMIZATION_ALL,
    TABLE_1,
    TABLE_4,
)
from mmaux.registry import MODELS


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_every_table_is_consistent(experiment):
    if experiment.paper_data is None:
        assert not any(row.paper for _, row in experiment.rows())
    else:
        assert experiment.paper_data in DATA
    metrics = {metric.name for metric in experiment.metrics}
    for group in experiment.groups:
        assert group.row(group.reference).paper.keys() <= metrics
        for strategy in group.singles:
            group.row(strategy)
        strategies = [row.strategy for row in group.rows]
        assert len(set(strategies)) == len(strategies)
        assert len({row.label for row in group.rows}) == len(strategies)
    for group, row in experiment.rows():
        assert row.paper.keys() <= metrics
        assert row.starts_from is None or group.row(row.starts_from)


@pytest.mark.parametrize(
    ("group", "row"),
    [
        (group, row)
        for experiment in (OPTIMIZATION, OPTIMIZATION_ALL)
        for group, row in experiment.rows()
        if row.base is not None
    ],
    ids=lambda entry: getattr(entry, "strategy", ""),
)
def test_every_row_of_methods_changes_nothing_but_its_method(group, row, tmp_path):
    pytest.importorskip("torchjd")
    setting = Setting("rooms", "short_pretrained", (0,), tmp_path)
    config = load_config(group, row, setting)
    wrapper = config.optim_wrapper
    assert wrapper.optimizer.lr == pytest.approx(1e-3 * row.lr_factor)
    base = load_config(group, Row("", row.base), setting)
    differing = {name for name in config if config[name] != base.get(name)}
    assert differing == {"optim_wrapper", "custom_hooks"}
    assert config.keys() == base.keys()
    assert config.custom_hooks[:-1] == base.custom_hooks
    assert wrapper.optimizer == {**base.optim_wrapper.optimizer, "lr": wrapper.optimizer.lr}
    tasks = [name.removeprefix("single_") for name in group.singles]
    assert list(config.model.heads) == list(config.train_dataloader.dataset.targets) == tasks
    assert len(config.test_evaluator) == len(tasks)
    init_default_scope("mmaux")
    built = build_optim_wrapper(nn.Linear(2, 2), wrapper)
    assert isinstance(built, MultiTaskOptimWrapper)
    assert type(built.method).__name__ == wrapper.method.type.removeprefix("mmaux.")
    assert row.strategy.endswith(row.base)


@pytest.mark.parametrize("experiment", [OPTIMIZATION, OPTIMIZATION_ALL], ids=lambda e: e.name)
def test_what_methods_are_compared(experiment):
    for group in experiment.groups:
        methods = [row.options["optim_wrapper"]["method"] for row in group.rows if row.base]
        mean = {"type": "mmaux.Scalarization", "scalarizer": "Mean"}
        assert methods.count(mean) == 3
        assert methods.count({**mean, "weights": {"semseg": 2.0}}) == 1
        assert len({row.lr_factor for row in group.rows if row.base}) == 3
        states = {
            (method["groups"], method["state"])
            for method in methods
            if method["type"] == "mmaux.Alternation"
        }
        two_groups = {(2, "per_task")} if len(group.singles) > 2 else set()
        assert states == {(None, "shared"), (None, "per_task")} | two_groups
        assert len(methods) - 4 - len(states) == 11


@pytest.mark.parametrize(
    "row", [row for _, row in ABLATION.rows() if row.base is not None], ids=str
)
def test_every_row_of_the_ablation_builds_its_network(row, tmp_path):
    (group,) = ABLATION.groups
    setting = Setting("rooms", "short_pretrained", (0,), tmp_path)
    model, base = (load_config(group, entry, setting).model for entry in (row, Row("", row.base)))
    assert model != base
    init_default_scope("mmaux")
    network = MODELS.build(model)
    changed = {
        "joint_semseg2": lambda: network.heads["semseg"].losses[0].loss_weight == 2.0,
        "auxi_both_light": lambda: set(network.auxiliary.loss_weights.values()) == {0.3},
        "auxi_both_semseg": lambda: network.auxiliary.loss_weights == {"semseg": 1.0, "depth": 0.3},
        "auxi_both_width128": lambda: network.auxiliary.cells["depth_1"].out_channels == 128,
        "auxi_both_late": lambda: network.auxiliary.taps == (("backbone", 2), ("backbone", 3)),
    }
    assert changed[row.strategy]()


def test_the_papers_numbers_by_column():
    """Sums of the columns of tables 1 and 4, added up from the paper's text."""
    miou = [row.paper["semseg/mIoU"] for _, row in TABLE_1.rows() if "semseg/mIoU" in row.paper]
    assert sum(miou) == pytest.approx(
        34.6 + 36.21 + 38.05 + 33.1 + 33.06 + 37.38 + 34.8 + 37.13 + 38.85
    )
    rel = [row.paper["depth/abs_rel"] for _, row in TABLE_1.rows() if "depth/abs_rel" in row.paper]
    assert 100 * sum(rel) == pytest.approx(
        18.7 + 17.13 + 14.91 + 19.4 + 17.64 + 15.12 + 18.6 + 16.03 + 14.64
    )
    columns = {
        "semseg/aAcc": 80.7 + 82.9 + 80.8 + 80.9 + 81.3,
        "semseg/mIoU": 53.7 + 55.3 + 54.0 + 54.4 + 54.9,
        "depth/abs_rel": (22.8 + 21.7 + 20.8 + 20.3 + 20.5) / 100,
        "normal/mean": 28.7 + 28.3 + 27.0 + 25.7 + 26.1,
    }
    for name, total in columns.items():
        values = [row.paper[name] for _, row in TABLE_4.rows() if row.paper]
        assert sum(values) == pytest.approx(total)
