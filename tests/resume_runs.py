"""Training runs that tests kill: what they train, and how their results are compared."""

from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from networks import auxiliary, decoder, heads
from run_configs import small_run

STATES = ("state_dict", "ema_state_dict", "optimizer", "param_schedulers", "data_position")


def resumable_run(folder: Path, *, iterations: int = 12, workers: int = 0) -> Config:
    """Everything that a resume could forget: augmentation, dropout, moments, schedule, EMA."""
    tasks = heads()
    for head in tasks.values():
        head["decoder"] = decoder(dropout_ratio=0.3)
    config = small_run(folder, iterations=iterations, heads=tasks, auxiliary=auxiliary())
    config.train_dataloader.num_workers = workers
    config.train_dataloader.persistent_workers = workers > 0
    config.train_dataloader.dataset.pipeline[2:2] = [
        {
            "type": "mmcv.RandomResize",
            "resize_type": "mmaux.Resize",
            "scale": (64, 48),
            "ratio_range": (0.8, 1.6),
            "keep_ratio": True,
        },
        {"type": "mmaux.RandomCrop", "crop_size": (40, 48)},
        {"type": "mmseg.PhotoMetricDistortion"},
        {"type": "mmaux.RandomFlip", "prob": 0.5},
    ]
    config.optim_wrapper = {
        "type": "mmengine.OptimWrapper",
        "optimizer": {"type": "mmengine.AdamW", "lr": 0.002},
    }
    config.param_scheduler = [
        {"type": "mmengine.LinearLR", "start_factor": 0.1, "begin": 0, "end": 4, "by_epoch": False},
        {"type": "mmengine.PolyLR", "begin": 4, "end": iterations, "by_epoch": False},
    ]
    config.train_cfg.val_interval = 4
    config.default_hooks.checkpoint.update(interval=3, max_keep_ckpts=2)
    config.custom_hooks.append({"type": "mmengine.EMAHook", "momentum": 0.05})
    return config


def final_state(config: Config) -> dict[str, Any]:
    """The last checkpoint's states."""
    path = Path(config.work_dir, f"iter_{config.train_cfg.max_iters}.pth")
    checkpoint = torch.load(path, weights_only=False)
    return {name: checkpoint[name] for name in STATES}


def differences(first: Any, second: Any, path: str = "") -> list[str]:
    """Where two nested states are not the same to the last bit."""
    if isinstance(first, torch.Tensor):
        return [] if torch.equal(first, second) else [path]
    if isinstance(first, dict):
        if first.keys() != second.keys():
            return [f"{path}: {sorted(map(str, first.keys() ^ second.keys()))}"]
        return [d for k in first for d in differences(first[k], second[k], f"{path}.{k}")]
    if isinstance(first, (list, tuple)):
        pairs = enumerate(zip(first, second, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{path}.{i}")]
    return [] if first == second else [f"{path}: {first} and {second}"]
