"""Adaptors: from a feature map into a task's space."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch.nn.functional as F
from mmcv.cnn import ConvModule, DepthwiseSeparableConvModule
from torch import Tensor, nn

NormConfig = dict[str, Any]


def _deformable(in_channels: int, channels: int, norm_cfg: NormConfig) -> nn.Module:
    try:
        from .contiguous_deform_conv import ContiguousDeformConv
    except ImportError as error:
        raise ImportError(
            "the adaptor deform_conv3x3 needs mmcv with its compiled ops, but the installed one "
            "has none (mmcv-lite?). Build it: python tools/environment/setup_env.py, or "
            "pip install --no-build-isolation 'mmcv>=2.0.0,<2.2.0' with MMCV_WITH_OPS=1."
        ) from error
    conv_cfg = {"type": ContiguousDeformConv}
    return ConvModule(in_channels, channels, 3, padding=1, conv_cfg=conv_cfg, norm_cfg=norm_cfg)


def _convolution(in_channels: int, channels: int, norm_cfg: NormConfig, *, size: int) -> nn.Module:
    return ConvModule(in_channels, channels, size, padding=size // 2, norm_cfg=norm_cfg)


def _separable(
    in_channels: int, channels: int, norm_cfg: NormConfig, *, dilation: int
) -> nn.Module:
    return DepthwiseSeparableConvModule(
        in_channels, channels, 3, padding=dilation, dilation=dilation, norm_cfg=norm_cfg
    )


_CONVOLUTIONS: dict[str, Callable[[int, int, NormConfig], nn.Module]] = {
    "conv1x1": partial(_convolution, size=1),
    "conv3x3": partial(_convolution, size=3),
    "sep_conv3x3": partial(_separable, dilation=1),
    "sep_conv3x3_dil3": partial(_separable, dilation=3),
    "sep_conv3x3_dil6": partial(_separable, dilation=6),
    "deform_conv3x3": _deformable,
}


class Adaptor(nn.Module):
    """An operation of the search space, with the change of resolution around it.

    Convolutions are followed by normalisation and ReLU ("a simple 1x1 convolutional layer followed
    with a batch normalization layer and the ReLU nonlinearity"). ``skip`` hands its input on; in a
    sum, where both branches need equal channels, one of another width is projected by a linear
    1x1 convolution, as in a residual network.

    A map larger than the module's resolution is shrunk before the operation and a smaller one
    enlarged after it (bilinear), so that the operation always runs at the lower cost.

    Args:
        name: One of :data:`mmaux.models.auxiliary.architecture.ADAPTORS`.
        in_channels: Channels of the input.
        channels: Channels of the module; the output's, except after an unprojected ``skip``.
        norm_cfg: Normalisation.
        project_skip: Whether ``skip`` must give ``channels`` channels.
    """

    def __init__(
        self,
        name: str,
        in_channels: int,
        channels: int,
        *,
        norm_cfg: NormConfig,
        project_skip: bool,
    ) -> None:
        super().__init__()
        self.out_channels = channels
        self.operation: nn.Module
        if name != "skip":
            self.operation = _CONVOLUTIONS[name](in_channels, channels, norm_cfg)
        elif project_skip and in_channels != channels:
            self.operation = nn.Conv2d(in_channels, channels, 1, bias=False)
        else:
            self.operation = nn.Identity()
            self.out_channels = in_channels

    def forward(self, feature: Tensor, size: tuple[int, int]) -> Tensor:
        """Adapt a map (N, C, h, w) to (N, out_channels, *size)."""
        if feature.shape[-2] > size[0]:
            feature = F.interpolate(feature, size=size, mode="bilinear", align_corners=False)
        feature = self.operation(feature)
        if feature.shape[-2:] != size:
            feature = F.interpolate(feature, size=size, mode="bilinear", align_corners=False)
        return feature
