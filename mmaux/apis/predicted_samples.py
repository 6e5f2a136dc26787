"""Test samples with truth and prediction, one by one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmseg.structures import SegDataSample
from torch.utils.data import Dataset

from mmaux.inference import init_model
from mmaux.registry import DATASETS


def build_test_data(config: Config) -> Any:
    """The config's test data set.

    Raises:
        ValueError: There is none.
    """
    dataset = (config.get("test_dataloader") or {}).get("dataset")
    if dataset is None:
        raise ValueError(f"{config.filename or 'config'}: no test_dataloader.dataset in it.")
    return DATASETS.build(dataset)


def predicted_samples(
    config: Config, checkpoint: str | Path, dataset: Dataset[Any], *, device: str = "cpu"
) -> Iterator[SegDataSample]:
    """Predict a data set, image by image; nothing is kept.

    Args:
        config: Config of the network.
        checkpoint: Its weights; an auxiliary module is left out.
        dataset: The config's test data.
        device: Where the network runs.

    Yields:
        Each sample with truth and prediction at the image's own size, on the CPU.

    Raises:
        ValueError: The checkpoint does not fit.
    """
    network = init_model(config, checkpoint, device=device)
    with torch.no_grad():
        for index in range(len(dataset)):  # type: ignore[arg-type]
            (sample,) = network.test_step(pseudo_collate([dataset[index]]))
            yield sample.cpu()
