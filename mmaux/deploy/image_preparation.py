"""From RGB images to a network's input, as the config's data preprocessor does it in testing."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mmaux.models.data_preprocessor import MultiTaskDataPreProcessor


@dataclass(frozen=True)
class ImagePreparation:
    """Normalisation and padding, as numbers that an exported file can carry.

    Attributes:
        mean: Of the network's three input channels, in grey levels; None: not normalised.
        std: Likewise.
        channel_order: What the network reads, ``rgb`` or ``bgr``.
        size_divisor: Height and width are padded, below and on the right, to its multiples.
        pad_value: Of the padding, after normalisation.
    """

    mean: tuple[float, ...] | None
    std: tuple[float, ...] | None
    channel_order: str
    size_divisor: int
    pad_value: float

    @classmethod
    def of(cls, preprocessor: MultiTaskDataPreProcessor) -> "ImagePreparation":
        """What a data preprocessor does to test images that a pipeline has loaded as BGR.

        Raises:
            ValueError: Its ``test_cfg`` pads to a fixed size.
        """
        test_cfg = preprocessor.test_cfg or {}
        if test_cfg.get("size") is not None:
            raise ValueError(
                f"data_preprocessor.test_cfg.size is {tuple(test_cfg['size'])}; an exported "
                "network pads to multiples only: set test_cfg.size_divisor, or export with "
                "--size and bring images to that size."
            )
        normalised = preprocessor._enable_normalize
        return cls(
            mean=tuple(preprocessor.mean.flatten().tolist()) if normalised else None,
            std=tuple(preprocessor.std.flatten().tolist()) if normalised else None,
            channel_order="rgb" if preprocessor.converts_channels else "bgr",
            size_divisor=test_cfg.get("size_divisor") or 1,
            pad_value=float(preprocessor.pad_val),
        )

    def normalise(self, images: Tensor) -> Tensor:
        """Images (N, H, W, 3) uint8 RGB to (N, 3, H, W) float32.

        Contiguous, because convolutions round otherwise with channels last.
        """
        channels = images.permute(0, 3, 1, 2)
        if self.channel_order == "bgr":
            channels = channels.flip(1)
        values = channels.float().contiguous()
        if self.mean is None or self.std is None:
            return values
        mean, std = (torch.tensor(v).view(-1, 1, 1) for v in (self.mean, self.std))
        return (values - mean.to(values.device)) / std.to(values.device)

    def pad(self, inputs: Tensor) -> Tensor:
        """Inputs (N, 3, H, W) at multiples of ``size_divisor``."""
        if self.size_divisor == 1:
            return inputs
        height, width = inputs.shape[-2:]
        missing = (0, -width % self.size_divisor, 0, -height % self.size_divisor)
        return F.pad(inputs, missing, value=self.pad_value)

    def crop(self, maps: Tensor, height: int, width: int) -> Tensor:
        """Maps (N, C, H', W') without the padding of images of this size.

        Negative padding, because slicing binds ``torch.export`` to sizes that are multiples, or
        to those that are not.
        """
        if self.size_divisor == 1:
            return maps
        return F.pad(maps, (0, -(-width % self.size_divisor), 0, -(-height % self.size_divisor)))
