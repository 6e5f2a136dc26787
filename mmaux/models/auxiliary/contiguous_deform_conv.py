"""Deformable convolution for networks of any memory layout; needs mmcv's compiled ops."""

from mmcv.ops import DeformConv2dPack, deform_conv2d
from torch import Tensor

from mmaux.registry import MODELS


@MODELS.register_module()
class ContiguousDeformConv(DeformConv2dPack):
    """mmcv's deformable convolution (``DCN``, same arguments and weights) on channels-last maps.

    mmcv's kernels read plain NCHW memory and refuse everything else ("input must be contiguous"),
    in the backward pass too: no network that ``ChannelsLastHook`` has converted could train with
    them.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Convolve a map (N, C, h, w)."""
        output = deform_conv2d(
            x.contiguous(),
            self.conv_offset(x).contiguous(),
            self.weight.contiguous(),
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
            self.deform_groups,
            False,
            self.im2col_step,
        )
        if output.requires_grad:
            output.register_hook(Tensor.contiguous)
        return output
