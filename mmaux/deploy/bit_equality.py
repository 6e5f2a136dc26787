"""Bit-equality of two networks' predictions."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.structures import LabelData, PixelData
from mmseg.structures import SegDataSample

from mmaux.models import MultiTaskEncoderDecoder


class PredictionsDifferError(RuntimeError):
    """The network without the auxiliary module predicts something else; the message says what."""


def compare_predictions(
    first: MultiTaskEncoderDecoder,
    second: MultiTaskEncoderDecoder,
    inputs: Sequence[Mapping[str, Any]],
) -> tuple[str, ...]:
    """Compare all predicted fields of two networks, bit by bit.

    Args:
        first: A network.
        second: Another one.
        inputs: Batches as a data loader gives them; not changed.

    Returns:
        Names of the fields, which are equal.

    Raises:
        PredictionsDifferError: A field differs; the message names it and the image.
    """
    names: tuple[str, ...] = ()
    for batch in inputs:
        pairs = zip(_predict(first, batch), _predict(second, batch), strict=True)
        for mine, other in pairs:
            names = tuple(mine)
            if names != tuple(other):
                raise PredictionsDifferError(
                    f"the networks predict different fields: {list(names)} and {list(other)}."
                )
            for name in names:
                if not _bit_equal(mine[name], other[name]):
                    raise PredictionsDifferError(
                        _difference(name, mine[name], other[name], batch["data_samples"][0])
                    )
    return names


def _predict(
    model: MultiTaskEncoderDecoder, batch: Mapping[str, Any]
) -> list[dict[str, torch.Tensor]]:
    model.eval()
    with torch.no_grad():
        samples = model.test_step(copy.deepcopy(dict(batch)))
    return [
        {
            name: value.data
            for name, value in sorted(sample.items())
            if isinstance(value, PixelData | LabelData) and not name.startswith("gt_")
        }
        for sample in samples
    ]


def _bit_equal(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Whether two maps are the same to the bit; NaN equals NaN, 0 is not -0."""
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    pairs = (x.contiguous().view(torch.uint8) for x in (first, second))
    return torch.equal(*pairs)


def _difference(name: str, mine: torch.Tensor, other: torch.Tensor, sample: SegDataSample) -> str:
    path = sample.metainfo.get("img_path", "an image")
    if mine.shape != other.shape:
        detail = f"shapes {tuple(mine.shape)} and {tuple(other.shape)}"
    else:
        count = int((mine != other).sum())
        detail = f"{count:,} of {mine.numel():,} values"
    return (
        f"{path}: {name} differs between the original network and the one written ({detail}). "
        "The files are left as they are; do not use them. Something outside the auxiliary module "
        "depends on it: check the config's own modules."
    )
