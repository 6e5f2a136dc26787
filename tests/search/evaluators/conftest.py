from collections.abc import Callable
from typing import Any

import pytest
from networks import auxiliary, decoder, network_config
from room_folder import dataset_config, pipeline, write_room
from scenes import CLASSES

from mmaux.search.evaluators import TrainingEvaluator


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Content of a training config: a small network, with dropout, on three images of 48x64."""
    root = tmp_path_factory.mktemp("data") / "room"
    write_room(root)
    resize = {"type": "mmaux.Resize", "scale": (64, 48), "keep_ratio": True}
    test = [
        {"type": "mmaux.LoadImageFromFile"},
        resize,
        {"type": "mmaux.LoadTargets"},
        {"type": "mmaux.PackMultiTaskInputs"},
    ]
    train = pipeline(resize, {"type": "mmaux.RandomFlip", "prob": 0.5})
    model = network_config("semseg", "depth", auxiliary=auxiliary())
    model["heads"]["semseg"] = {
        "type": "mmaux.SemSegHead",
        "num_classes": len(CLASSES),
        "decoder": decoder(dropout_ratio=0.5),
    }
    targets = ("semseg", "depth")
    return {
        "model": model,
        "train_dataloader": {
            "batch_size": 2,
            "dataset": dataset_config(root, pipeline=train, targets=targets),
        },
        "val_dataloader": {"dataset": dataset_config(root, "test", pipeline=test)},
        "optim_wrapper": {
            "type": "mmengine.OptimWrapper",
            "optimizer": {"type": "mmengine.AdamW", "lr": 3e-3},
        },
        "val_evaluator": [{"type": "mmaux.SemSegMetric"}, {"type": "mmaux.DepthMetric"}],
    }


Build = Callable[..., TrainingEvaluator]


@pytest.fixture
def build(content: dict[str, Any]) -> Build:
    def build(**changes: Any) -> TrainingEvaluator:
        settings = {
            "schedule": None,
            "iterations": 4,
            "points": 2,
            "val_fraction": 0.34,
            "start_iterations": 0,
            **changes,
        }
        return TrainingEvaluator(config=content, **settings)

    return build
