"""The reverse Huber (berHu) loss for depth."""

import torch
from mmengine.dist import all_reduce
from torch import Tensor

from mmaux.models.losses.masked_inputs import masked_inputs
from mmaux.models.losses.masked_loss import MaskedLoss
from mmaux.models.losses.masked_mean import masked_mean
from mmaux.registry import MODELS

_MIN_THRESHOLD = 1e-12


def berhu(error: Tensor, threshold: Tensor) -> Tensor:
    """BerHu norm of each error: L1 up to the threshold, quadratic and steeper beyond it.

    ``B(x) = |x|`` for ``|x| <= c``, ``(x^2 + c^2) / (2c)`` otherwise (Laina et al. 2016, equation
    2). Value and slope are continuous at c.

    Args:
        error: Tensor of any shape.
        threshold: Scalar tensor c > 0, in the unit of the error.

    Returns:
        Tensor of the shape of ``error``; its gradient at zero error is 0.
    """
    size = error.abs()
    return torch.where(size <= threshold, size, (size.square() / threshold + threshold) / 2)


def berhu_loss(
    pred: Tensor, target: Tensor, mask: Tensor, *, threshold_ratio: float = 0.2
) -> Tensor:
    """Mean berHu norm of ``pred - target`` over the valid pixels.

    The threshold is ``c = threshold_ratio * max |pred - target|`` over the valid pixels of the
    batch (of all processes, under distributed training). It is set anew at every step and taken as
    a constant: no gradient flows through it. I. Laina et al., Deeper Depth Prediction with Fully
    Convolutional Residual Networks, 3DV 2016, section 3.2.

    Args:
        pred: Predicted map of shape (N, C, H, W), depth in metres (C = 1).
        target: Map of the same shape and unit.
        mask: Boolean map of shape (N, 1, H, W), true where a pixel is valid.
        threshold_ratio: Share of the largest error at which the quadratic part begins; 1 gives L1.

    Returns:
        Scalar tensor in metres.

    Raises:
        ValueError: If shapes or types do not fit each other.
    """
    pred, target = masked_inputs(pred, target, mask)
    error = pred - target
    largest = error.detach().abs().amax() if error.numel() else error.new_zeros(())
    all_reduce(largest, op="max")
    threshold = (threshold_ratio * largest).clamp(min=_MIN_THRESHOLD)
    return masked_mean(berhu(error, threshold), mask)


@MODELS.register_module()
class BerHuLoss(MaskedLoss):
    """Reverse Huber loss for depth, see :func:`berhu_loss`.

    Args:
        threshold_ratio: Share of the largest error of the batch at which the quadratic part begins,
            in (0, 1]. The paper uses 0.2.
        loss_weight: Factor of the result.
        loss_name: Key of the loss in the log.

    Raises:
        ValueError: If ``threshold_ratio`` is outside (0, 1].
    """

    def __init__(
        self,
        *,
        threshold_ratio: float = 0.2,
        loss_weight: float = 1.0,
        loss_name: str = "loss_berhu",
    ) -> None:
        super().__init__(loss_weight=loss_weight, loss_name=loss_name)
        if not 0 < threshold_ratio <= 1:
            raise ValueError(
                f"threshold_ratio is {threshold_ratio}; expected a number in (0, 1], such as the "
                "0.2 of Laina et al."
            )
        self.threshold_ratio = threshold_ratio

    def compute(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Return the loss before its weight."""
        return berhu_loss(pred, target, mask, threshold_ratio=self.threshold_ratio)
