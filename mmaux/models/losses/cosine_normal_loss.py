"""The cosine loss for surface normals."""

from torch import Tensor
from torch.nn.functional import normalize

from mmaux.models.losses.masked_inputs import masked_inputs
from mmaux.models.losses.masked_loss import MaskedLoss
from mmaux.models.losses.masked_mean import masked_mean
from mmaux.registry import MODELS


def cosine_normal_loss(pred: Tensor, target: Tensor, mask: Tensor, *, eps: float = 1e-3) -> Tensor:
    """Mean of ``1 - cos(angle)`` between normals over the valid pixels.

    It is 0 for equal directions, 1 for orthogonal and 2 for opposite ones.

    Args:
        pred: Predicted normals of shape (N, 3, H, W), of any length.
        target: Normals of the same shape in the same axes; scaled to unit length here.
        mask: Boolean map of shape (N, 1, H, W), true where a pixel is valid.
        eps: Vectors shorter than this are divided by it instead of by their length, which bounds
            the gradient of a pixel by ``1 / eps``.

    Returns:
        Scalar tensor in [0, 2].

    Raises:
        ValueError: If shapes or types do not fit each other, or there are not 3 channels.
    """
    pred, target = masked_inputs(pred, target, mask, channels=3)
    cosine = (normalize(pred, dim=1, eps=eps) * normalize(target, dim=1, eps=eps)).sum(
        dim=1, keepdim=True
    )
    return masked_mean(1 - cosine, mask)


@MODELS.register_module()
class CosineNormalLoss(MaskedLoss):
    """Cosine loss for surface normals, see :func:`cosine_normal_loss`.

    Args:
        eps: Length below which a vector is not scaled to unit length.
        loss_weight: Factor of the result.
        loss_name: Key of the loss in the log.

    Raises:
        ValueError: If ``eps`` is not positive.
    """

    def __init__(
        self, *, eps: float = 1e-3, loss_weight: float = 1.0, loss_name: str = "loss_cosine"
    ) -> None:
        super().__init__(loss_weight=loss_weight, loss_name=loss_name)
        if eps <= 0:
            raise ValueError(f"eps is {eps}; expected a length above 0, such as 1e-3.")
        self.eps = eps

    def compute(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Return the loss before its weight."""
        return cosine_normal_loss(pred, target, mask, eps=self.eps)
