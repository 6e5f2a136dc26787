"""Base of the registered losses."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn


class MaskedLoss(nn.Module, ABC):
    """Weight, name and precision of a loss over the valid pixels of a map.

    A subclass holds its own settings and calls its function in :meth:`compute`.

    Args:
        loss_weight: Factor of the result.
        loss_name: Key of the loss in the log. mmengine adds a loss to the objective only if its
            key contains ``loss``; any other name is logged and not trained on.
    """

    def __init__(self, *, loss_weight: float = 1.0, loss_name: str) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self._loss_name = loss_name

    @property
    def loss_name(self) -> str:
        """Key of the loss in the log, as in mmseg."""
        return self._loss_name

    @abstractmethod
    def compute(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Return the loss before its weight, a scalar; the arguments are those of forward."""

    def forward(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Compute the weighted loss, in float32 or float64 also under autocast.

        Args:
            pred: Predicted map of shape (N, C, H, W).
            target: Map of the same shape and unit.
            mask: Boolean map of shape (N, 1, H, W), true where a pixel is valid.

        Returns:
            Scalar tensor; 0 with gradient 0 if no pixel is valid.

        Raises:
            ValueError: If shapes or types do not fit each other.
        """
        with torch.autocast(pred.device.type, enabled=False):
            return self.loss_weight * self.compute(pred, target, mask)

    def extra_repr(self) -> str:
        """Show weight and name when a model is printed."""
        return f"loss_weight={self.loss_weight}, loss_name={self.loss_name!r}"
