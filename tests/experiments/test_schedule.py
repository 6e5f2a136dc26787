from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from room_folder import write_room
from small_runs import CONFIGS

from mmaux.experiments.schedule import apply_schedule
from mmaux.registry import DATASETS, MODELS

ROOMS = sorted(CONFIGS.glob("*_rooms.py"))


@pytest.mark.parametrize("file", ROOMS, ids=[file.stem for file in ROOMS])
def test_short_sees_small_inputs_of_every_rooms_config(file: Path) -> None:
    config = Config.fromfile(file)
    before = config.to_dict()
    short = apply_schedule(config, "short")
    assert config.to_dict() == before
    assert short.filename == config.filename
    for loader in (short.train_dataloader, short.val_dataloader, short.test_dataloader):
        assert loader.dataset.targets == config.train_dataloader.dataset.targets
        assert loader.dataset.data_root == config.train_dataloader.dataset.data_root
    assert short.test_evaluator == config.test_evaluator
    assert short.model.pop("data_preprocessor").size == (120, 160)
    assert short.model == {k: v for k, v in config.model.items() if k != "data_preprocessor"}
    assert "momentum" not in short.optim_wrapper.optimizer  # of the SGD that it replaces
    assert short.param_scheduler[-1].end == short.train_cfg.max_iters
    assert short.train_cfg.max_iters % short.default_hooks.checkpoint.interval == 0


def test_pretrained_backbones_learn_at_a_third_of_the_rate() -> None:
    config = Config.fromfile(CONFIGS / "joint_mbv2_rooms.py")
    scratch, pretrained = (apply_schedule(config, name) for name in ("short", "short_pretrained"))
    assert scratch.optim_wrapper.optimizer.pop("lr") == 3e-3
    assert pretrained.optim_wrapper.optimizer.pop("lr") == 1e-3
    kinds = [config.pop("param_scheduler")[-1].type for config in (scratch, pretrained)]
    assert kinds == ["mmengine.PolyLR", "mmengine.CosineAnnealingLR"]
    assert scratch.to_dict() == pretrained.to_dict()


@pytest.mark.parametrize("name", ["joint_mbv2", "auxi_both_mbv2"])
def test_expansion_gives_the_configs_that_are_written_out(name: str) -> None:
    config = Config.fromfile(CONFIGS / f"{name}_nyud.py")
    for part, written in (("pretrain", "nyudexp"), ("finetune", "nyudexp_finetune")):
        expected = Config.fromfile(CONFIGS / f"{name}_{written}.py").to_dict()
        expected["load_from"] = None
        assert apply_schedule(config, f"expansion_{part}").to_dict() == expected


def test_short_survives_dump_and_reload(tmp_path: Path) -> None:
    short = apply_schedule(Config.fromfile(CONFIGS / "auxi_all_mbv2_rooms.py"), "short")
    short.dump(tmp_path / "dumped.py")
    assert Config.fromfile(tmp_path / "dumped.py").to_dict() == short.to_dict()


@pytest.mark.parametrize("loader", ["train_dataloader", "test_dataloader"])
def test_the_network_sees_120x160_and_metrics_the_original_size(
    loader: str, tmp_path: Path
) -> None:
    write_room(tmp_path / "room")  # 96x128
    short = apply_schedule(Config.fromfile(CONFIGS / "joint_all_mbv2_rooms.py"), "short")
    init_default_scope("mmaux")
    dataset = DATASETS.build(
        {
            **short[loader].dataset,
            "type": "mmaux.MultiTaskFolderDataset",
            "data_root": str(tmp_path / "room"),
            "metainfo": {"classes": tuple("abcdefghijklm")},
        }
    )
    packed = dataset[0]
    assert packed["inputs"].shape == (3, 120, 160)
    if loader == "train_dataloader":
        assert packed["data_samples"].gt_depth_map.data.shape == (1, 120, 160)
        return
    assert packed["data_samples"].gt_depth_map.data.shape == (1, 96, 128)
    network = MODELS.build(short.model).eval()
    (sample,) = network.test_step(pseudo_collate([packed]))
    assert sample.pred_depth_map.data.shape == (1, 96, 128)
    assert sample.pred_normal_map.data.shape == (3, 96, 128)


def test_unknown_schedule_and_incomplete_config_are_refused() -> None:
    with pytest.raises(
        ValueError,
        match=r"schedule: found 'long', expected one of short, short_pretrained, ",
    ):
        apply_schedule(Config.fromfile(ROOMS[0]), "long")
    with pytest.raises(ValueError, match=r"mbv2\.py: no train_dataloader, train_cfg"):
        apply_schedule(Config.fromfile(CONFIGS / "_base_" / "models" / "mbv2.py"), "short")
