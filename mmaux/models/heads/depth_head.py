"""Depth estimation."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import Tensor

from mmaux.datasets.targets import DepthTarget
from mmaux.registry import MODELS

from .base_task_head import LossConfig
from .delivered_map import METRES, ValueRange
from .regression_head import RegressionHead


@MODELS.register_module()
class DepthHead(RegressionHead):
    """Metric depth; predicts ``pred_depth_map`` (1, H, W) in metres.

    Args:
        decoder: See :class:`BaseTaskHead`.
        loss: Losses over (prediction, target, mask) in metres; berHu by default.
        activation: From the raw map to metres: ``identity`` (the network regresses metres),
            ``softplus`` or ``exp`` (positive, for losses on log depth) or ``sigmoid`` (between
            ``min_depth`` and ``max_depth``).
        min_depth: Smallest prediction, in metres.
        max_depth: Largest prediction, in metres. Predictions are clamped to this range; so is
            ground truth in training: pixels outside it are invalid.
        init_cfg: As everywhere in mmengine.
    """

    target = DepthTarget
    delivered = METRES
    _ACTIVATIONS = ("identity", "softplus", "exp", "sigmoid")

    def __init__(
        self,
        *,
        decoder: dict[str, Any],
        loss: LossConfig | None = None,
        activation: str = "identity",
        min_depth: float = 1e-3,
        max_depth: float = 80.0,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        if activation not in self._ACTIVATIONS:
            raise ValueError(f"activation is one of {self._ACTIVATIONS}, found {activation!r}.")
        if not 0 < min_depth < max_depth:
            raise ValueError(
                f"0 < min_depth < max_depth must hold, found {min_depth} and {max_depth} (metres)."
            )
        super().__init__(
            out_channels=1,
            decoder=decoder,
            loss={"type": "mmaux.BerHuLoss"} if loss is None else loss,
            init_cfg=init_cfg,
        )
        self.activation = activation
        self.min_depth = min_depth
        self.max_depth = max_depth

    @property
    def value_range(self) -> ValueRange:
        """Smallest and largest depth in metres."""
        return self.min_depth, self.max_depth

    def activate(self, raw: Tensor) -> Tensor:
        """Metres from the raw map."""
        if self.activation == "identity":
            return raw
        raw = raw.float()
        if self.activation == "softplus":
            return F.softplus(raw)
        if self.activation == "exp":
            return raw.clamp(max=20.0).exp()
        return self.min_depth + (self.max_depth - self.min_depth) * raw.sigmoid()

    def valid_mask(self, target: Tensor) -> Tensor:
        """Measured pixels within the depth range, (N, 1, H, W)."""
        in_range = (target >= self.min_depth) & (target <= self.max_depth)
        return super().valid_mask(target) & in_range

    def restore(self, field: Tensor, meta: dict[str, Any]) -> Tensor:
        """Undo the resizing in the values too: training divided depth by the resize factor."""
        return super().restore(field, meta) * meta.get("depth_factor", 1.0)

    def to_prediction(self, field: Tensor) -> dict[str, PixelData]:
        """Depth clamped to the range."""
        return {"pred_depth_map": PixelData(data=self.deliver(field))}

    def merge(self, samples: Sequence[SegDataSample]) -> dict[str, PixelData]:
        """Mean of the metres."""
        return self.to_prediction(torch.stack([s.pred_depth_map.data for s in samples]).mean(0))
