import pytest
from mmengine.config import Config
from small_runs import CONFIGS

from mmaux.benchmarking.input_size import (
    augmentation_setting,
    training_size,
    with_training_size,
)


def test_a_shipped_config_at_another_size():
    config = Config.fromfile(CONFIGS / "joint_all_mbv2_nyud.py")
    small = with_training_size(config, (64, 96))
    assert (training_size(config), training_size(small)) == ((385, 385), (64, 96))
    assert augmentation_setting(small, "crop_size") == (64, 96)
    assert augmentation_setting(small, "scale") == (96, 64)
    assert augmentation_setting(config, "scale") == (640, 480)
    assert augmentation_setting(config, "ratio_range") == (0.5, 2.1)


def test_settings_of_transforms_inside_others():
    inner = {"type": "mmaux.RandomCrop", "crop_size": (5, 6)}
    pipeline = [{"type": "mmcv.RandomApply", "transforms": [inner]}]
    config = Config({"train_dataloader": {"dataset": {"pipeline": pipeline}}})
    assert augmentation_setting(config, "crop_size") == (5, 6)


def test_missing_settings_are_named():
    with pytest.raises(ValueError, match=r"model\.data_preprocessor has no size"):
        training_size(Config({"model": {}}))
    with pytest.raises(ValueError, match=r"no transform of .* has 'ratio_range'"):
        augmentation_setting(Config({"train_dataloader": {}}), "ratio_range")
