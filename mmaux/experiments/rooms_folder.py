"""Rendered rooms for experiments that find none, or none with scenes."""

import os
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config

from mmaux.datasets.conversion.rooms import add_scenes, render_rooms

_SEED = 0


def ensure_rooms(configs: Sequence[Config], *, train: int, test: int) -> None:
    """Render rooms where configs expect them, if that folder is not complete.

    One that was rendered without the scenes that a config asks for gets them; the files of its
    images stay as they are.

    Args:
        configs: Configs with the same rooms as their training data.
        train: Number of training images.
        test: Number of test images.

    Raises:
        ValueError: The folder holds something else.
        ImportError: The renderer's ray caster is not installed.
    """
    datasets = [config.train_dataloader.dataset for config in configs]
    root = Path(datasets[0].data_root)
    if (root / "meta.json").is_file():
        wants_scenes = any("scene" in dataset.get("targets", ()) for dataset in datasets)
        if wants_scenes and not (root / "scene").is_dir():
            print(f"the rooms in '{root}' lack their scenes: adding them", flush=True)
            add_scenes(root)
        return
    print(
        f"no rooms in '{root}' yet: rendering {train} images for training and {test} for testing "
        f"with seed {_SEED}",
        flush=True,
    )
    render_rooms(root, train=train, test=test, seed=_SEED, workers=os.cpu_count() or 1)
