"""Normalising and batching images with any set of targets."""

from typing import Any

import torch
import torch.nn.functional as F
from mmengine.structures import PixelData
from mmseg.models import SegDataPreProcessor
from mmseg.structures import SegDataSample

from mmaux.registry import MODELS


def _ground_truth_fields(sample: SegDataSample) -> list[str]:
    return [
        name
        for name in sample.keys()  # noqa: SIM118 (not a dict)
        if name.startswith("gt_") and isinstance(getattr(sample, name), PixelData)
    ]


@MODELS.register_module()
class MultiTaskDataPreProcessor(SegDataPreProcessor):
    """mmseg's preprocessor, which pads every target with its own invalid value.

    mmseg's ``stack_batch`` writes ``seg_pad_val`` (255) into depth maps: 255 m, a valid depth.
    Here a target is padded with the ``fill_value`` that its packing put into its meta information;
    without one, class ids get ``seg_pad_val`` and real numbers get 0. All arguments are those of
    :class:`mmseg.models.SegDataPreProcessor`.
    """

    @property
    def converts_channels(self) -> bool:
        """Whether images change from BGR to RGB or back; mmseg and its fork name it differently."""
        names = ("channel_conversion", "_channel_conversion")
        return any(getattr(self, name, False) for name in names)

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Normalise and stack images to (N, 3, H, W); in training pad the targets alike.

        Raises:
            ValueError: In training, a target is of another size than its image.
        """
        data = self.cast_data(data)
        if not training:
            return super().forward(data, training)
        samples = data["data_samples"]
        truths = []
        for image, sample in zip(data["inputs"], samples, strict=True):
            fields = {name: getattr(sample, name) for name in _ground_truth_fields(sample)}
            self._check_sizes(fields, tuple(image.shape[-2:]), sample)
            truths.append(fields)
            for name in fields:
                delattr(sample, name)
        batch = super().forward(data, training)
        size = tuple(batch["inputs"].shape[-2:])
        for sample, fields in zip(batch["data_samples"], truths, strict=True):
            sample.set_metainfo({"pad_shape": size})
            sample.set_data({name: self._pad(field, size) for name, field in fields.items()})
        return batch

    @staticmethod
    def _check_sizes(
        fields: dict[str, PixelData], size: tuple[int, ...], sample: SegDataSample
    ) -> None:
        for name, field in fields.items():
            found = tuple(field.data.shape[-2:])
            if found != size:
                raise ValueError(
                    f"{sample.get('img_path')}: {name} is {found} but the image is {size} "
                    "(height, width); in training load targets before geometric transforms."
                )

    def _pad(self, field: PixelData, size: tuple[int, ...]) -> PixelData:
        data: torch.Tensor = field.data
        default = 0 if data.is_floating_point() else self.seg_pad_val
        missing = (0, size[1] - data.shape[-1], 0, size[0] - data.shape[-2])
        padded = PixelData(metainfo=field.metainfo)
        padded.data = F.pad(data, missing, value=field.metainfo.get("fill_value", default))
        return padded
