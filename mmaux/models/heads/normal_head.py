"""Surface normal estimation."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import Tensor

from mmaux.datasets.targets import MIRROR_SIGNS, NormalTarget
from mmaux.registry import MODELS

from .base_task_head import LossConfig
from .delivered_map import UNIT_VECTORS
from .regression_head import RegressionHead


@MODELS.register_module()
class NormalHead(RegressionHead):
    """Unit normals; predicts ``pred_normal_map`` (3, H, W).

    Camera axes: x right, y down, z away from the camera.

    Args:
        decoder: See :class:`BaseTaskHead`.
        loss: Losses over (prediction, target, mask); mean of 1 - cosine by default.
        init_cfg: As everywhere in mmengine.
    """

    target = NormalTarget
    delivered = UNIT_VECTORS

    def __init__(
        self,
        *,
        decoder: dict[str, Any],
        loss: LossConfig | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            out_channels=3,
            decoder=decoder,
            loss={"type": "mmaux.CosineNormalLoss"} if loss is None else loss,
            init_cfg=init_cfg,
        )

    def init_weights(self) -> None:
        """Start from a surface that faces the camera.

        mmseg initialises the last layer near zero. Dividing by the length of such vectors makes
        their first gradients so large that they freeze in the mean direction.
        """
        super().init_weights()
        loaded = (self.init_cfg or {}).get("type") == "Pretrained"
        last = getattr(self.decoder, "conv_seg", None)
        if not loaded and last is not None and last.bias is not None:
            with torch.no_grad():
                last.bias.copy_(last.bias.new_tensor((0.0, 0.0, -1.0)))

    def activate(self, raw: Tensor) -> Tensor:
        """Unit vectors."""
        return F.normalize(raw.float(), dim=1, eps=1e-6)

    def unflip(self, field: Tensor, direction: str) -> Tensor:
        """Mirror the vectors back with the picture."""
        mirror = field.new_tensor(MIRROR_SIGNS[direction]).view(3, 1, 1)
        return super().unflip(field, direction) * mirror

    def to_prediction(self, field: Tensor) -> dict[str, PixelData]:
        """Vectors of length one again after averaging."""
        return {"pred_normal_map": PixelData(data=self.deliver(field))}

    def merge(self, samples: Sequence[SegDataSample]) -> dict[str, PixelData]:
        """Direction of the mean vector."""
        return self.to_prediction(torch.stack([s.pred_normal_map.data for s in samples]).mean(0))
