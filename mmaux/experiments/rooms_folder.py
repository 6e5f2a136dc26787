"""Rendered rooms for experiments that find none."""

import os
from pathlib import Path

from mmengine.config import Config

from mmaux.datasets.conversion.rooms import render_rooms

_SEED = 0


def ensure_rooms(config: Config, *, train: int, test: int) -> None:
    """Render rooms where a config expects them, if that folder is not complete.

    Args:
        config: A config with rooms as its training data.
        train: Number of training images.
        test: Number of test images.

    Raises:
        ValueError: The folder holds something else.
        ImportError: The renderer's ray caster is not installed.
    """
    root = Path(config.train_dataloader.dataset.data_root)
    if (root / "meta.json").is_file():
        return
    print(
        f"no rooms in '{root}' yet: rendering {train} images for training and {test} for testing "
        f"with seed {_SEED}",
        flush=True,
    )
    render_rooms(root, train=train, test=test, seed=_SEED, workers=os.cpu_count() or 1)
