"""What several networks predict for the same images, below the truth."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import mmcv
import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint
from mmseg.structures import SegDataSample

from mmaux.registry import DATASETS, MODELS
from mmaux.visualization import draw_panel
from mmaux.visualization.multi_task_visualizer import pixel_fields

NetworkFiles = tuple[str | Path, str | Path]
"""Config and checkpoint."""


def draw_comparison(
    networks: Mapping[str, NetworkFiles], *, samples: Sequence[int], cell_size: int = 256
) -> np.ndarray:
    """Draw a panel for each test sample, one below the other.

    Columns are the image and its tasks, rows the truth and what each network predicts; a task
    shares one range of values over the rows of a sample.

    Args:
        networks: Config and checkpoint by the name to write beside the row. The test data are the
            first one's; the others see them through their own test pipelines.
        samples: Numbers of test samples.
        cell_size: Width of an image, in pixels, 256 at least.

    Returns:
        RGB picture, uint8 (H, W, 3).

    Raises:
        ValueError: There is no such sample, or the networks' test data differ.
    """
    fields: list[dict[str, np.ndarray]] = [{} for _ in samples]
    paths: list[str] = []
    meta: Mapping[str, object] = {}
    for number, (name, files) in enumerate(networks.items()):
        predicted, network_meta = predict_samples(*files, samples=samples)
        found = [sample.img_path for sample in predicted]
        if number == 0:
            paths, meta = found, network_meta
        if found != paths:
            raise ValueError(f"{name}: tests on {found}, the first network on {paths}.")
        for maps, sample in zip(fields, predicted, strict=True):
            if number == 0:
                maps.update(pixel_fields(sample, prefixes=("gt_",)))
            for field, array in pixel_fields(sample, prefixes=("pred_",)).items():
                maps[f"net{number}_{field.removeprefix('pred_')}"] = array
    rows = {"gt": "truth"} | {f"net{number}": name for number, name in enumerate(networks)}
    panels = [
        draw_panel(
            mmcv.imread(path, channel_order="rgb"),
            maps,
            dataset_meta=meta,
            cell_size=cell_size,
            rows=rows,
        )
        for path, maps in zip(paths, fields, strict=True)
    ]
    return np.concatenate(panels)


def predict_samples(
    config_file: str | Path, checkpoint_file: str | Path, *, samples: Sequence[int]
) -> tuple[list[SegDataSample], Mapping[str, object]]:
    """Predict test samples on the CPU, through the config's test pipeline.

    Args:
        config_file: Config of the network.
        checkpoint_file: Its weights.
        samples: Numbers of test samples.

    Returns:
        Samples with truth and prediction at the images' own size, and the data set's metainfo.

    Raises:
        ValueError: There is no such sample.
    """
    config = Config.fromfile(config_file)
    init_default_scope(config.get("default_scope", "mmaux"))
    dataset = DATASETS.build(config.test_dataloader.dataset)
    outside = [index for index in samples if not 0 <= index < len(dataset)]
    if outside:
        raise ValueError(f"{config_file}: no test samples {outside}, only 0 to {len(dataset) - 1}.")
    network = MODELS.build(config.model).eval()
    load_checkpoint(network, str(checkpoint_file), map_location="cpu", strict=True, logger="silent")
    with torch.no_grad():
        predicted = [network.test_step(pseudo_collate([dataset[index]]))[0] for index in samples]
    return predicted, dataset.metainfo
