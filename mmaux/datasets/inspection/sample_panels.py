"""Panels of raw and augmented samples."""

from pathlib import Path
from typing import Any

import mmcv
import numpy as np
import torch

from mmaux.datasets.targets import DenseTarget
from mmaux.visualization import draw_panel
from mmaux.visualization.multi_task_visualizer import pixel_fields
from mmaux.visualization.painters import registered_fields

from .loaded_sample import ListedSample, LoadedSample


def write_panels(
    prefix: Path, sample: ListedSample, loaded: LoadedSample, packed: dict[str, Any] | None
) -> int:
    """Draw a sample as it is in the files and, if given, as the pipeline packed it.

    Args:
        prefix: Path of the panels without ``_raw.png`` and ``_augmented.png``.
        sample: The sample.
        loaded: Its arrays; without an image there is no raw panel.
        packed: ``inputs`` and ``data_samples``.

    Returns:
        The number of panels written.
    """
    pictures = {}
    if loaded.image is not None:
        pictures["raw"] = (loaded.image, _raw_fields(loaded))
    if packed is not None:
        fields = pixel_fields(packed["data_samples"], prefixes=("gt_",))
        pictures["augmented"] = (picture_of(packed["inputs"]), fields)
    for name, (image, fields) in pictures.items():
        panel = draw_panel(image, fields, dataset_meta=sample.dataset.metainfo)
        mmcv.imwrite(mmcv.rgb2bgr(panel), f"{prefix}_{name}.png")
    return len(pictures)


def _raw_fields(loaded: LoadedSample) -> dict[str, np.ndarray]:
    fields = {}
    for task, array in loaded.arrays.items():
        target = loaded.targets[task]
        if not isinstance(target, DenseTarget):
            continue
        data = target.to_tensor(array).numpy()
        if target.sample_field.removeprefix("gt_") in registered_fields() or len(data) == 1:
            fields[target.sample_field] = data
    return fields


def picture_of(inputs: torch.Tensor) -> np.ndarray:
    """RGB uint8 (H, W, 3) of a BGR image (3, H, W); others than 0..255 are stretched to it."""
    image = inputs.detach().cpu().numpy().transpose(1, 2, 0)[..., ::-1].astype(np.float32)
    low, high = float(image.min()), float(image.max())
    if low < 0 or high > 255 or (inputs.is_floating_point() and high <= 10):
        image = (image - low) / max(high - low, 1e-6) * 255
    return np.ascontiguousarray(np.round(image).astype(np.uint8))
