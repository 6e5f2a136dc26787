"""The paper's schedules and rows as the configs state them."""

import pytest
from mmengine.config import Config
from small_runs import CONFIGS


@pytest.mark.parametrize(
    ("name", "iterations", "rate", "poly"),
    [
        ("joint_mbv2_nyud", 30000, 0.01, True),
        ("joint_all_mbv2_sunrgbd", 80000, 0.01, True),
        ("auxi_depth_all_mbv2_ushape_sunrgbd", 80000, 0.01, True),
        ("joint_mbv2_nyudexp", 40000, 0.01, True),
        ("auxi_both_mbv2_nyudexp", 40000, 0.01, True),
        ("joint_mbv2_nyudexp_finetune", 10000, 1e-5, False),
        ("auxi_both_mbv2_nyudexp_finetune", 10000, 1e-5, False),
    ],
)
def test_section_4_1(name: str, iterations: int, rate: float, poly: bool) -> None:
    config = Config.fromfile(CONFIGS / f"{name}.py")
    assert config.train_dataloader.batch_size == 12
    assert config.train_cfg.max_iters == iterations
    assert config.train_cfg.type == "mmaux.ResumableTrainLoop"
    optimizer = {"type": "mmengine.SGD", "lr": rate, "momentum": 0.9, "weight_decay": 1e-4}
    assert config.optim_wrapper.optimizer == optimizer
    expected = {
        "type": "mmengine.PolyLR",
        "power": 0.9,
        "eta_min": 0.0,
        "begin": 0,
        "by_epoch": False,
    }
    assert config.param_scheduler == ([{**expected, "end": iterations}] if poly else [])


@pytest.mark.parametrize("task", ["semseg", "depth", "normal"])
def test_table_4_has_a_chain_for_one_task(task: str) -> None:
    config = Config.fromfile(CONFIGS / f"auxi_{task}_all_mbv2_ushape_sunrgbd.py")
    assert config.model.heads.keys() == {"semseg", "depth", "normal"}
    assert config.model.heads.semseg.num_classes == 13
    assert config.model.auxiliary.architecture.tasks == (task,)
    assert config.train_dataloader.dataset.type == "mmaux.SUNRGBDDataset13"
    assert config.test_dataloader.dataset.ann_file == "splits/test.txt"
    # The toolbox clips depth at 8 m.
    assert config.test_evaluator[1] == {
        "type": "mmaux.DepthMetric",
        "min_depth": 1e-3,
        "max_depth": 8.0,
    }


@pytest.mark.parametrize("name", ["joint_mbv2_nyudexp", "auxi_both_mbv2_nyudexp"])
def test_fine_tuning_starts_from_the_end_of_pre_training(name: str) -> None:
    before, after = (Config.fromfile(CONFIGS / f"{name}{x}.py") for x in ("", "_finetune"))
    assert before.train_dataloader.dataset.type == "mmaux.NYUv2ExpansionDataset"
    assert before.val_dataloader.dataset.data_root == "data/nyud"
    assert after.train_dataloader.dataset.data_root == "data/nyud"
    assert after.train_dataloader.dataset.ann_file == "splits/train.txt"
    assert after.load_from == f"work_dirs/{name}/iter_{before.train_cfg.max_iters}.pth"
    changed = {"backbone": {**before.model.backbone, "init_cfg": None}}
    assert after.model == {**before.model, **changed}


def test_the_held_out_part_is_chosen_on_and_the_test_split_tested() -> None:
    config = Config.fromfile(CONFIGS / "joint_mbv2_nyud_holdout.py")
    train, val, test = (config[f"{name}_dataloader"].dataset for name in ("train", "val", "test"))
    assert (train.subset, val.subset, test.get("subset")) == ("train", "val", None)
    for key in ("ann_file", "val_fraction", "val_seed", "data_root"):
        assert train[key] == val[key], key
    assert train.ann_file == "splits/train.txt"
    assert test.ann_file == "splits/test.txt"
