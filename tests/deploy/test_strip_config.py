from pathlib import Path
from typing import Any

import pytest
from mmengine.config import Config
from networks import auxiliary, deep_supervision, network_config

from mmaux.deploy import find_traces, strip_config


def config_with(**changes: Any) -> Config:
    return Config({"model": network_config(auxiliary=auxiliary()), **changes})


def test_module_goes_and_the_rest_stays() -> None:
    config = config_with(default_scope="mmaux", data_root="data/auxiliary_set", lr=0.1)
    before = config.to_dict()
    stripped = strip_config(config)
    assert config.to_dict() == before
    del before["model"]["auxiliary"]
    assert stripped.to_dict() == before


def test_optimizer_and_augmented_test_forget_the_module() -> None:
    keys = {
        "auxiliary": {"lr_mult": 2.0},
        "auxiliary.cells": {"lr_mult": 3.0},
        "task_weighting": {"decay_mult": 0.0},
        "heads": {"lr_mult": 10.0},
    }
    stripped = strip_config(
        config_with(
            optim_wrapper={"paramwise_cfg": {"custom_keys": keys}},
            tta_model={
                "type": "mmaux.MultiTaskTTAModel",
                "module": network_config(auxiliary=auxiliary()),
            },
        )
    )
    assert stripped.optim_wrapper.paramwise_cfg.custom_keys == {"heads": {"lr_mult": 10.0}}
    assert "auxiliary" not in stripped.tta_model.module
    assert stripped.tta_model.module.type == "mmaux.MultiTaskEncoderDecoder"


def test_hooks_and_variables_of_the_module_go() -> None:
    stripped = strip_config(
        config_with(
            my_module=auxiliary(),
            deep=deep_supervision(),
            kendall={"type": "mmaux.UncertaintyWeighting"},
            custom_hooks=[
                {"type": "mmaux.TaskDataCheckHook"},
                {"type": "mmaux.Freeze", "modules": ["auxiliary.cells"]},
            ],
        )
    )
    assert not {"my_module", "deep", "kendall"} & set(stripped)
    assert stripped.custom_hooks == [{"type": "mmaux.TaskDataCheckHook"}]


def test_state_of_the_run_goes() -> None:
    stripped = strip_config(config_with(load_from="a.pth", resume=True, work_dir="w", launcher="x"))
    assert set(stripped) == {"model"}


def test_auxiliary_head_of_mmseg_is_another_thing() -> None:
    config = config_with()
    config.model.auxiliary_head = {"type": "mmseg.FCNHead"}
    assert "auxiliary_head" in strip_config(config).model


def test_what_cannot_be_stripped_is_named() -> None:
    with pytest.raises(ValueError, match=r"config: .*named at train_cfg\.frozen\.1"):
        strip_config(config_with(train_cfg={"frozen": ["backbone", "auxiliary"]}))


def test_config_without_a_model() -> None:
    with pytest.raises(ValueError, match=r"no `model`"):
        strip_config(Config({"lr": 1}))


@pytest.mark.parametrize("file", sorted((Path(__file__).parents[2] / "configs").glob("*.py")))
def test_shipped_configs(file: Path, tmp_path: Path) -> None:
    config = Config.fromfile(file)
    stripped = strip_config(config)
    (tmp_path / "s.py").write_text(stripped.pretty_text)
    again = Config.fromfile(tmp_path / "s.py")
    assert again.to_dict() == stripped.to_dict()
    assert find_traces(again.to_dict()) == []
    for word in ("auxiliary", "deepsupervision", "weighting"):
        assert word not in stripped.pretty_text.lower()
    assert again.optim_wrapper.optimizer == config.optim_wrapper.optimizer
    assert again.test_dataloader == config.test_dataloader
