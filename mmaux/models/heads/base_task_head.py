"""A task as an object."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmengine.structures import BaseDataElement
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from mmaux.datasets.targets import Target
from mmaux.registry import MODELS

from .decoder import build_decoder, check_channels
from .delivered_map import DeliveredMap, ValueRange

LossConfig = dict[str, Any] | Sequence[dict[str, Any]]
TaskKind = Literal["classification", "regression"]


class BaseTaskHead(BaseModule, ABC):
    """Owns everything that a task means.

    Which target it learns, how many channels it predicts, its loss, how a raw map becomes a
    prediction at the image's original size, and what is invalid. The segmentor loops over heads
    and knows no task by name.

    A raw map is what the decoder returns. A *field* is a map in the space in which predictions
    are averaged over windows, flips and scales: logits, metres, vectors.

    Args:
        out_channels: Channels of the map.
        decoder: An mmseg decode head whose ``forward(inputs)`` returns one map, used as a
            network only; its number of classes and its losses are set here.
        loss: One loss or several, which are summed by name.
        init_cfg: As everywhere in mmengine.
    """

    target: ClassVar[type[Target]]
    """The ground truth that the task learns."""

    kind: ClassVar[TaskKind | None] = None
    """What the task predicts, for task weightings that ask; None: not said."""

    delivered: ClassVar[DeliveredMap | None] = None
    """What an exported network gives for the task; None: it cannot be exported."""

    def __init__(
        self,
        *,
        out_channels: int,
        decoder: dict[str, Any],
        loss: LossConfig,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.out_channels = out_channels
        self.decoder = build_decoder(decoder, out_channels=out_channels)
        losses = [loss] if isinstance(loss, dict) else list(loss)
        self.losses = nn.ModuleList(MODELS.build(config) for config in losses)

    def forward(self, feature_maps: Sequence[Tensor]) -> Tensor:
        """Raw map (N, C, h, w) at the decoder's resolution."""
        check_channels(self.decoder, feature_maps)
        raw = self.decoder(feature_maps)
        if not isinstance(raw, Tensor):
            raise TypeError(
                f"decoder {type(self.decoder).__name__} returned a {type(raw).__name__}; a task's "
                "decoder returns one map. Choose another, such as mmseg.FCNHead."
            )
        return raw

    def upsample(self, raw: Tensor, size: Sequence[int]) -> Tensor:
        """Bilinear upsampling of a map (N, C, h, w) to ``size`` (H, W)."""
        aligned = bool(self.decoder.align_corners)
        return F.interpolate(raw, size=tuple(size[:2]), mode="bilinear", align_corners=aligned)

    def activate(self, raw: Tensor) -> Tensor:
        """From a raw map to a field, both (N, C, H, W)."""
        return raw

    def predict_field(self, feature_maps: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        """Field (N, C, H, W) at the network's input size (H, W)."""
        return self.activate(self.upsample(self(feature_maps), size))

    def gather_targets(self, samples: Sequence[SegDataSample], like: Tensor) -> Tensor:
        """Stack the batch's ground truth; samples without it become wholly invalid.

        Args:
            samples: The N data samples, padded to one size.
            like: A map whose size (H, W) and device the result takes when no sample has any.

        Returns:
            (N, C_t, H, W) of the target's type.
        """
        maps = [
            getattr(sample, self.target.sample_field).data
            if self.target.sample_field in sample
            else None
            for sample in samples
        ]
        blank = next((m for m in maps if m is not None), None)
        if blank is None:
            blank = torch.zeros((self.target_channels, *like.shape[-2:]), device=like.device)
        blank = torch.full_like(blank, self.target.fill_value)
        return torch.stack([blank if m is None else m for m in maps])

    @property
    def target_channels(self) -> int:
        """Channels of the ground truth."""
        return self.out_channels

    def loss(
        self, feature_maps: Sequence[Tensor], samples: Sequence[SegDataSample], size: Sequence[int]
    ) -> dict[str, Tensor]:
        """Losses of a batch by name, each a scalar, plus values that are only logged.

        Args:
            feature_maps: The shared maps.
            samples: The N data samples.
            size: Size (H, W) of the network's input, at which the loss is taken.
        """
        raw = self.upsample(self(feature_maps), size)
        return self.loss_by_map(raw, self.gather_targets(samples, raw))

    def check_metainfo(self, metainfo: Mapping[str, Any]) -> None:
        """Compare the head with the training data's meta information.

        Raises:
            ValueError: They contradict each other.
        """

    @abstractmethod
    def loss_by_map(self, raw: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Losses of upsampled raw maps (N, C, H, W) against targets (N, C_t, H, W)."""

    def restore(self, field: Tensor, meta: dict[str, Any]) -> Tensor:
        """Bring one image's field (C, H, W) back to the original image.

        Padding is removed, flips are undone, the size becomes ``ori_shape``.
        """
        field = self.unpad(field, meta)
        if meta.get("flip"):
            field = self.unflip(field, meta["flip_direction"])
        if tuple(field.shape[-2:]) != tuple(meta["ori_shape"][:2]):
            field = self.upsample(field[None], meta["ori_shape"])[0]
        return field

    @staticmethod
    def unpad(field: Tensor, meta: dict[str, Any]) -> Tensor:
        """The part of one image's field (C, H, W) that is not padding."""
        left, right, top, bottom = meta.get("img_padding_size", meta.get("padding_size", [0] * 4))
        height, width = field.shape[-2:]
        return field[:, top : height - bottom, left : width - right]

    def unflip(self, field: Tensor, direction: str) -> Tensor:
        """Undo a flip of the input in a field (C, H, W)."""
        axes = {"horizontal": [-1], "vertical": [-2], "diagonal": [-1, -2]}
        return field.flip(axes[direction])

    @abstractmethod
    def to_prediction(self, field: Tensor) -> Mapping[str, BaseDataElement]:
        """Data-sample fields from a restored field (C, H, W)."""

    @property
    def value_range(self) -> ValueRange:
        """Smallest and largest value of a prediction; None: not bounded."""
        return None

    def deliver(self, field: Tensor) -> Tensor:
        """Prediction (..., C', H, W) from a field (..., C, H, W), by :attr:`delivered`.

        Raises:
            ValueError: The head does not say what it delivers.
        """
        if self.delivered is None:
            raise ValueError(
                f"{type(self).__name__} cannot be exported: it does not say what it delivers; set "
                "its class attribute `delivered` to a mmaux.models.heads.DeliveredMap."
            )
        return self.delivered.finish(field, self.value_range)

    @abstractmethod
    def merge(self, samples: Sequence[SegDataSample]) -> Mapping[str, BaseDataElement]:
        """Data-sample fields of the average of several predictions of one image."""
