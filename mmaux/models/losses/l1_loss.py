"""Mean absolute error over valid pixels."""

from torch import Tensor

from mmaux.models.losses.masked_inputs import masked_inputs
from mmaux.models.losses.masked_loss import MaskedLoss
from mmaux.models.losses.masked_mean import masked_mean
from mmaux.registry import MODELS


def l1_loss(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean of ``|pred - target|`` over the valid pixels and the channels.

    Args:
        pred: Predicted map of shape (N, C, H, W), for example depth in metres (C = 1).
        target: Map of the same shape and unit.
        mask: Boolean map of shape (N, 1, H, W), true where a pixel is valid.

    Returns:
        Scalar tensor in the unit of the maps; its gradient at zero error is 0.

    Raises:
        ValueError: If shapes or types do not fit each other.
    """
    pred, target = masked_inputs(pred, target, mask)
    return masked_mean((pred - target).abs(), mask)


@MODELS.register_module()
class MaskedL1Loss(MaskedLoss):
    """Mean absolute error over valid pixels, see :func:`l1_loss`.

    Args:
        loss_weight: Factor of the result.
        loss_name: Key of the loss in the log.
    """

    def __init__(self, *, loss_weight: float = 1.0, loss_name: str = "loss_l1") -> None:
        super().__init__(loss_weight=loss_weight, loss_name=loss_name)

    def compute(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Return the loss before its weight."""
        return l1_loss(pred, target, mask)
