"""From a row of a table to the config that its run trains with."""

import copy
from pathlib import Path

from mmengine.config import Config

from .experiment import Group, Row
from .schedule import apply_schedule
from .setting import Setting

_LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
_VALIDATION = ("val_cfg", "val_dataloader", "val_evaluator")
_POINTS = 200


def load_config(group: Group, row: Row, setting: Setting) -> Config:
    """The complete config of a row.

    The schedule is laid over the config, then the row's own options; the data folder and the
    backbone's weights are set, and validation during training left out: nothing is selected by
    it, the last checkpoint is the one that is tested. Losses are logged at least 200 times, for
    their curve.

    Raises:
        FileNotFoundError: There is no file of weights.
    """
    overlays = {"paper": None, "expansion": "expansion_finetune"}
    config = _load_with(overlays.get(setting.schedule, setting.schedule), group, row, setting)
    if setting.backbone_weights is not None and setting.schedule != "expansion":
        _start_backbone(config, setting.backbone_weights)
    return config


def load_pretraining_config(group: Group, row: Row, setting: Setting) -> Config:
    """The complete config of the pre-training of a row, on NYUD-v2-expansion.

    Raises:
        FileNotFoundError: There is no file of weights.
    """
    config = _load_with("expansion_pretrain", group, row, setting)
    if setting.expansion_root is not None:
        config.train_dataloader.dataset.data_root = str(setting.expansion_root)
    if setting.backbone_weights is not None:
        _start_backbone(config, setting.backbone_weights)
    return config


def _load_with(overlay: str | None, group: Group, row: Row, setting: Setting) -> Config:
    config = Config.fromfile(setting.configs / group.config_file(row, setting.data))
    if overlay is not None:
        config = apply_schedule(config, overlay)
    if overlay is not None or row.base is not None:
        optimizer = config.optim_wrapper.optimizer
        optimizer.lr = optimizer.lr * row.lr_factor
    result = Config(copy.deepcopy(config.to_dict()), filename=config.filename)
    result.merge_from_dict(copy.deepcopy(dict(row.options)))
    if setting.data_root is not None:
        moved = _LOADERS[1:] if overlay == "expansion_pretrain" else _LOADERS
        for loader in moved:
            result.merge_from_dict({f"{loader}.dataset.data_root": str(setting.data_root)})
    for key in _VALIDATION:
        result[key] = None
    logger = result.default_hooks.logger
    logger.interval = max(1, min(logger.get("interval", 10), result.train_cfg.max_iters // _POINTS))
    return result


def _start_backbone(config: Config, weights: str) -> None:
    if "://" not in weights:
        if not Path(weights).is_file():
            raise FileNotFoundError(f"backbone_weights: there is no file '{weights}'.")
        weights = str(Path(weights).resolve())
    config.model.backbone.init_cfg = {"type": "Pretrained", "checkpoint": weights}
