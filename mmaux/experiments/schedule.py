"""Training any of our configs on another schedule."""

import copy

from mmengine.config import Config

from mmaux.utils.shipped_content import CONFIGS

_SCHEDULES = CONFIGS / "_base_" / "schedules"
OVERLAYS = ("short", "short_pretrained", "expansion_pretrain", "expansion_finetune")
"""Schedules that can be laid over a config; the other files there are bases to inherit from."""


def apply_schedule(config: Config, name: str) -> Config:
    """Lay a schedule over a config: what it sets wins, everything else stays.

    ``short`` is ``configs/_base_/schedules/short.py``: minutes on a CPU, small inputs in training
    and in testing, predictions at the images' own size.
    ``short_pretrained`` is the same with a smaller learning rate, for backbones that start from
    trained weights. ``expansion_pretrain`` and ``expansion_finetune`` are the two parts of the
    paper's training for its tables 1 to 3, for configs of NYUD-v2.

    Args:
        config: A training config; not changed.
        name: One of :data:`OVERLAYS`.

    Returns:
        A full config that inherits nothing and keeps the file name of the given one.

    Raises:
        ValueError: There is no such schedule, or the config trains nothing.
    """
    if name not in OVERLAYS:
        raise ValueError(f"schedule: found {name!r}, expected one of {', '.join(OVERLAYS)}.")
    lacking = [key for key in ("model", "train_dataloader", "train_cfg") if key not in config]
    if lacking:
        raise ValueError(
            f"{config.filename or 'config'}: no {', '.join(lacking)}; a schedule is laid over a "
            "complete training config such as configs/joint_all_mbv2_rooms.py."
        )
    result = Config(copy.deepcopy(config.to_dict()), filename=config.filename)
    result.merge_from_dict(Config.fromfile(_SCHEDULES / f"{name}.py").to_dict())
    return result
