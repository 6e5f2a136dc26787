"""Atrous spatial pyramid pooling in the shared layers."""

from collections.abc import Sequence
from typing import Any

import torch
from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from mmseg.models.decode_heads.sep_aspp_head import DepthwiseSeparableASPPModule
from mmseg.models.utils import resize
from torch import Tensor, nn

from mmaux.registry import MODELS

from .backbone_maps import check_maps


@MODELS.register_module()
class ASPPNeck(BaseModule):
    """Context for the deepest shared map: the *Context* network of 1909.02214, section 4.1.

    The ASPP of Chen et al. (1802.02611), which the paper cites: parallel depthwise-separable
    convolutions of several dilations, a 1x1 convolution and the pooled image, concatenated and
    projected by a 1x1 convolution. mmseg's decode head of this name projects by 3x3 and refines
    twice more, which alone would have as many parameters as the paper's whole network.

    The neck gives as many maps as it reads: the shallower ones as they are, the deepest replaced
    by one of the same size. A head that reads the last map needs no other change, and a decoder
    of several maps still finds them.

    Args:
        in_channels: Channels of the backbone's maps, from shallow to deep.
        channels: Channels of each parallel branch.
        out_channels: Channels of the new last map.
        dilations: Dilation of each branch; 1 is the 1x1 convolution. By default those of output
            stride 8.
        norm_cfg: Normalisation.
        init_cfg: As everywhere in mmengine.
    """

    def __init__(
        self,
        *,
        in_channels: Sequence[int],
        channels: int,
        out_channels: int,
        dilations: Sequence[int] = (1, 12, 24, 36),
        norm_cfg: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.in_channels = tuple(in_channels)
        norm_cfg = {"type": "mmengine.BN"} if norm_cfg is None else norm_cfg
        deepest = self.in_channels[-1]
        self.image_pool = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), ConvModule(deepest, channels, 1, norm_cfg=norm_cfg)
        )
        self.branches = DepthwiseSeparableASPPModule(
            dilations=tuple(dilations),
            in_channels=deepest,
            channels=channels,
            conv_cfg=None,
            norm_cfg=norm_cfg,
            act_cfg={"type": "mmengine.ReLU"},
        )
        self.project = ConvModule(
            (len(dilations) + 1) * channels, out_channels, 1, norm_cfg=norm_cfg
        )

    def forward(self, maps: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """From the backbone's maps to the heads'.

        Args:
            maps: Maps (N, C_i, h_i, w_i), from shallow to deep.

        Returns:
            The same maps, the last one replaced by (N, out_channels, h_P, w_P).

        Raises:
            ValueError: They are not the maps that ``in_channels`` names.
        """
        check_maps(type(self).__name__, maps, self.in_channels)
        deepest = maps[-1]
        # The pooled image is one value: resizing only repeats it.
        pooled = resize(self.image_pool(deepest), size=deepest.shape[-2:], mode="nearest")
        context = self.project(torch.cat([pooled, *self.branches(deepest)], dim=1))
        return (*maps[:-1], context)
