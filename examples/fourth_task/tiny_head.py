"""A decode head of one's own: a plain mmseg head, which mmaux's tasks use as a network."""

from collections.abc import Sequence
from typing import Any

from mmcv.cnn import ConvModule
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class TinyHead(BaseDecodeHead):
    """A depthwise 3x3 and a pointwise convolution per layer on one feature map.

    Registered in mmseg's registry it is ``mmseg.TinyHead``, in mmseg's projects as well. A head
    serves mmaux's tasks if its ``forward(inputs)`` takes the feature maps and returns one map of
    ``self.num_classes`` channels, which mmaux sets.

    Args:
        num_layers: Layers before the classifier.
        kwargs: Arguments of mmseg's ``BaseDecodeHead``.
    """

    def __init__(self, *, num_layers: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if num_layers < 1:
            raise ValueError(f"num_layers: expected 1 or more, got {num_layers}.")
        convolutions: list[nn.Module] = []
        for index in range(num_layers):
            width = self.in_channels if index == 0 else self.channels
            depthwise = ConvModule(width, width, 3, padding=1, groups=width, act_cfg=None)
            pointwise = ConvModule(
                width, self.channels, 1, norm_cfg=self.norm_cfg, act_cfg=self.act_cfg
            )
            convolutions += [depthwise, pointwise]
        self.layers = nn.Sequential(*convolutions)

    def forward(self, inputs: Sequence[Tensor]) -> Tensor:
        """From the backbone's feature maps to one map (N, num_classes, h, w)."""
        return self.cls_seg(self.layers(self._transform_inputs(inputs)))
