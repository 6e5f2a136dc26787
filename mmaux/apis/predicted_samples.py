"""Test samples with truth and prediction, one by one."""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmseg.structures import SegDataSample

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import DATASETS


def build_test_data(config: Config) -> Any:
    """The config's test data set.

    Raises:
        ValueError: There is none.
    """
    dataset = (config.get("test_dataloader") or {}).get("dataset")
    if dataset is None:
        raise ValueError(f"{config.filename or 'config'}: no test_dataloader.dataset in it.")
    init_default_scope(config.get("default_scope", "mmaux"))
    return DATASETS.build(dataset)


def predicted_samples(
    network: MultiTaskEncoderDecoder, dataset: Any, indices: Iterable[int] | None = None
) -> Iterator[SegDataSample]:
    """Predict samples one by one; nothing is kept.

    Args:
        network: From :func:`mmaux.apis.init_model`.
        dataset: Its test data.
        indices: Numbers of the samples; None: all.

    Yields:
        Each sample with truth and prediction at the image's own size, on the CPU.
    """
    with torch.no_grad():
        for index in range(len(dataset)) if indices is None else indices:
            (sample,) = network.test_step(pseudo_collate([dataset[index]]))
            yield sample.cpu()
