"""A U-shaped decoder in the shared layers."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmseg.models.utils import SELayer, resize
from torch import Tensor, nn

from mmaux.registry import MODELS

from .backbone_maps import check_maps


class AttentiveFusion(nn.Module):
    """Fuse a map with the next deeper one, weighting channels by what the whole image shows.

    The deeper map is enlarged (bilinear) and concatenated with the shallower; both are pooled over
    the image, from which a squeeze-and-excitation layer computes a weight for every channel; a 3x3
    convolution fuses what it weighted. (mmseg's ``UpConvBlock`` enlarges by exactly 2, which does
    not fit maps of odd sizes such as those of a crop of 385.)

    Args:
        shallow: Channels of the shallower map and of the result.
        deep: Channels of the deeper map.
        norm_cfg: Normalisation.
    """

    def __init__(self, shallow: int, deep: int, *, norm_cfg: dict[str, Any]) -> None:
        super().__init__()
        # Without scope: mmcv looks for the bare name, which takes no `inplace`.
        activations = ({"type": "ReLU"}, {"type": "Sigmoid"})
        self.attention = SELayer(shallow + deep, act_cfg=activations)
        self.fuse = ConvModule(shallow + deep, shallow, 3, padding=1, norm_cfg=norm_cfg)

    def forward(self, shallow: Tensor, deep: Tensor) -> Tensor:
        """(N, shallow, H, W) and (N, deep, h, w) to (N, shallow, H, W)."""
        enlarged = resize(deep, size=shallow.shape[-2:], mode="bilinear", align_corners=False)
        return self.fuse(self.attention(torch.cat([shallow, enlarged], dim=1)))


@MODELS.register_module()
class UShapeNeck(BaseModule):
    """Top-down fusion of the backbone's maps: the *U-shape* network of 1909.02214, section 4.1.

    The paper adds "a U-Net structure decoder following the design of" Li et al. (1807.03959). Of
    that design these are taken: the U-shape, and attention over channels computed from globally
    pooled features, which selects what is handed on. Left open by both papers and settled here:
    every backbone map first passes a 1x1 convolution (BN, ReLU) to its level's channels; each
    level is fused with the deeper one by :class:`AttentiveFusion`.

    The neck gives as many maps as it reads, of the same sizes. The first, at the resolution of the
    backbone's first map (output stride 4 in the usual backbones), has seen all the others: heads
    read that one.

    Args:
        in_channels: Channels of the backbone's maps, from shallow to deep.
        channels: Channels of the neck's maps, likewise.
        norm_cfg: Normalisation.
        init_cfg: As everywhere in mmengine.

    Raises:
        ValueError: There are not as many ``channels`` as maps.
    """

    def __init__(
        self,
        *,
        in_channels: Sequence[int],
        channels: Sequence[int],
        norm_cfg: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if len(channels) != len(in_channels):
            raise ValueError(
                f"neck UShapeNeck: channels={tuple(channels)} has {len(channels)} entries for "
                f"{len(in_channels)} maps (in_channels={tuple(in_channels)}); give one a map."
            )
        self.in_channels = tuple(in_channels)
        norm_cfg = {"type": "mmengine.BN"} if norm_cfg is None else norm_cfg
        self.laterals = nn.ModuleList(
            ConvModule(count, width, 1, norm_cfg=norm_cfg)
            for count, width in zip(in_channels, channels, strict=True)
        )
        self.fusions = nn.ModuleList(
            AttentiveFusion(shallow, deep, norm_cfg=norm_cfg)
            for shallow, deep in pairwise(channels)
        )

    def forward(self, maps: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """From the backbone's maps to the heads'.

        Args:
            maps: Maps (N, C_i, h_i, w_i), from shallow to deep.

        Returns:
            Maps (N, channels_i, h_i, w_i), each but the last fused with all deeper ones.

        Raises:
            ValueError: They are not the maps that ``in_channels`` names.
        """
        check_maps(type(self).__name__, maps, self.in_channels)
        *shallower, fused = [
            lateral(feature) for lateral, feature in zip(self.laterals, maps, strict=True)
        ]
        outputs = [fused]
        for lateral, fusion in zip(reversed(shallower), reversed(self.fusions), strict=True):
            fused = fusion(lateral, fused)
            outputs.insert(0, fused)
        return tuple(outputs)
