"""Batches without data."""

from typing import Any

import torch
from mmengine.structures import BaseDataElement
from mmseg.structures import SegDataSample

from mmaux.models import BaseTaskHead, MultiTaskEncoderDecoder


def synthetic_batch(
    model: MultiTaskEncoderDecoder, *, batch_size: int, size: tuple[int, int], seed: int = 0
) -> dict[str, Any]:
    """Noise images with ground truth for every head, as a data loader gives them.

    Ground truth is what a head would predict from noise, so that it is valid for any task: class
    ids, positive metres, unit vectors.

    Args:
        model: The network whose preprocessor and heads will take the batch.
        batch_size: Number of images.
        size: (H, W) in pixels.
        seed: Of the noise.

    Returns:
        ``inputs``: images (3, H, W), uint8; ``data_samples``: one a image. On the CPU.

    Raises:
        ValueError: The batch size or a side is not positive.
    """
    if min(batch_size, *size) < 1:
        raise ValueError(
            f"batch_size, height and width are at least 1, found {batch_size}, {size[0]} and "
            f"{size[1]}."
        )
    generator = torch.Generator().manual_seed(seed)
    inputs, samples = [], []
    for _ in range(batch_size):
        inputs.append(torch.randint(0, 256, (3, *size), generator=generator, dtype=torch.uint8))
        sample = SegDataSample(metainfo={"ori_shape": size, "img_shape": size})
        for head in model.heads.values():
            field = head.target.sample_field
            sample.set_data({field: _ground_truth(head, size, generator)})
        samples.append(sample)
    return {"inputs": inputs, "data_samples": samples}


def _ground_truth(
    head: BaseTaskHead, size: tuple[int, int], generator: torch.Generator
) -> BaseDataElement:
    noise = torch.rand((1, head.out_channels, *size), generator=generator)
    meta = {"ori_shape": size}
    prediction = head.to_prediction(head.restore(head.activate(noise)[0], meta))
    name = head.target.sample_field.replace("gt_", "pred_", 1)
    truth = head.target.element_type(metainfo={"fill_value": head.target.fill_value})
    truth.data = prediction[name].data
    return truth
