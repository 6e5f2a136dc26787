"""A complete training config of a small network on the analytic room."""

from pathlib import Path
from typing import Any

from folders import room_config, write_room
from mmengine.config import Config
from networks import network_config


def small_run(folder: Path, *, iterations: int = 2, **model: Any) -> Config:
    """Write the room's data below ``folder`` and return a config that trains on them.

    Args:
        folder: Where the data and the work folder go.
        iterations: Length of training.
        model: Changes of the network's config.
    """
    data = folder / "data"
    if not data.exists():
        write_room(data, "a", "b", "c", "d")
    dataset = {"type": "mmaux.MultiTaskFolderDataset", **room_config(data)}
    loader = {"num_workers": 0, "dataset": dataset}
    return Config(
        {
            "default_scope": "mmaux",
            "model": network_config(**model),
            "train_dataloader": {
                **loader,
                "batch_size": 2,
                "sampler": {"type": "mmaux.SeekableInfiniteSampler", "shuffle": True},
            },
            "val_dataloader": {
                **loader,
                "batch_size": 1,
                "sampler": {"type": "mmengine.DefaultSampler", "shuffle": False},
            },
            "test_dataloader": {
                **loader,
                "batch_size": 1,
                "sampler": {"type": "mmengine.DefaultSampler", "shuffle": False},
            },
            "val_evaluator": [{"type": "mmaux.DepthMetric"}, {"type": "mmaux.SemSegMetric"}],
            "test_evaluator": [{"type": "mmaux.DepthMetric"}, {"type": "mmaux.SemSegMetric"}],
            "optim_wrapper": {
                "type": "mmengine.OptimWrapper",
                "optimizer": {"type": "mmengine.SGD", "lr": 0.01, "momentum": 0.9},
            },
            "train_cfg": {
                "type": "mmaux.ResumableTrainLoop",
                "max_iters": iterations,
                "val_interval": 1000,
            },
            "val_cfg": {"type": "mmengine.ValLoop"},
            "test_cfg": {"type": "mmengine.TestLoop"},
            "default_hooks": {
                "logger": {
                    "type": "mmaux.MasterLoggerHook",
                    "interval": 1,
                    "log_metric_by_epoch": False,
                },
                "checkpoint": {
                    "type": "mmaux.AtomicCheckpointHook",
                    "by_epoch": False,
                    "interval": iterations,
                },
            },
            "custom_hooks": [{"type": "mmaux.TaskDataCheckHook"}],
            "env_cfg": {"dist_cfg": {"backend": "gloo"}},
            "log_processor": {"by_epoch": False},
            "work_dir": str(folder / "work"),
            "randomness": {"seed": 0},
            "experiment_name": f"{folder.parent.name}_{folder.name}",
        }
    )
