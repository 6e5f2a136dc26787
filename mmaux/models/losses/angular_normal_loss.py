"""The angular loss for surface normals."""

import torch
from torch import Tensor
from torch.linalg import vector_norm
from torch.nn.functional import normalize

from mmaux.models.losses.masked_inputs import masked_inputs
from mmaux.models.losses.masked_loss import MaskedLoss
from mmaux.models.losses.masked_mean import masked_mean
from mmaux.registry import MODELS


def angle_between(a: Tensor, b: Tensor) -> Tensor:
    """Angle between unit vectors along the channel axis, in radians.

    ``2 * atan2(|a - b|, |a + b|)`` (W. Kahan, How Futile are Mindless Assessments of Roundoff in
    Floating-Point Computation, section 12): accurate for all angles, where arccos loses half of
    the digits near 0 and 180 degrees, and with gradient 0 there, where that of arccos is infinite.

    Args:
        a: Vectors of shape (N, C, H, W). The zero vector is at 90 degrees to every unit vector.
        b: Vectors of the same shape; must not be zero where ``a`` is.

    Returns:
        Map of shape (N, 1, H, W) in [0, pi].
    """
    opposite = vector_norm(a - b, dim=1, keepdim=True)
    adjacent = vector_norm(a + b, dim=1, keepdim=True)
    return 2 * torch.atan2(opposite, adjacent)


def angular_normal_loss(pred: Tensor, target: Tensor, mask: Tensor, *, eps: float = 1e-3) -> Tensor:
    """Mean angle between normals over the valid pixels, in radians.

    Args:
        pred: Predicted normals of shape (N, 3, H, W), of any length.
        target: Normals of the same shape in the same axes; scaled to unit length here, and not zero
            at a valid pixel.
        mask: Boolean map of shape (N, 1, H, W), true where a pixel is valid.
        eps: Vectors shorter than this are divided by it instead of by their length, which bounds
            the gradient of a pixel by ``2 / eps``.

    Returns:
        Scalar tensor in [0, pi].

    Raises:
        ValueError: If shapes or types do not fit each other, or there are not 3 channels.
    """
    pred, target = masked_inputs(pred, target, mask, channels=3)
    angle = angle_between(normalize(pred, dim=1, eps=eps), normalize(target, dim=1, eps=eps))
    return masked_mean(angle, mask)


@MODELS.register_module()
class AngularNormalLoss(MaskedLoss):
    """Mean angle between surface normals in radians, see :func:`angular_normal_loss`.

    Args:
        eps: Length below which a vector is not scaled to unit length.
        loss_weight: Factor of the result.
        loss_name: Key of the loss in the log.

    Raises:
        ValueError: If ``eps`` is not positive.
    """

    def __init__(
        self, *, eps: float = 1e-3, loss_weight: float = 1.0, loss_name: str = "loss_angular"
    ) -> None:
        super().__init__(loss_weight=loss_weight, loss_name=loss_name)
        if eps <= 0:
            raise ValueError(f"eps is {eps}; expected a length above 0, such as 1e-3.")
        self.eps = eps

    def compute(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Return the loss before its weight."""
        return angular_normal_loss(pred, target, mask, eps=self.eps)
