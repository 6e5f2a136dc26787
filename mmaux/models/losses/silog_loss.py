"""The scale-invariant logarithmic loss for depth."""

from torch import Tensor

from mmaux.models.losses.masked_inputs import masked_inputs
from mmaux.models.losses.masked_loss import MaskedLoss
from mmaux.models.losses.masked_mean import masked_mean
from mmaux.registry import MODELS

# Below a depth error of one part in a million the root is smoothed: its slope stays finite at 0.
_ROOT_EPS = 1e-12


def silog_loss(
    pred: Tensor,
    target: Tensor,
    mask: Tensor,
    *,
    variance_focus: float = 0.5,
    root: bool = True,
    eps: float = 1e-3,
) -> Tensor:
    """Scale-invariant error of log depth over the valid pixels of the batch.

    With ``d = log(pred) - log(target)`` and lambda = ``variance_focus`` it is
    ``D = mean(d^2) - lambda * mean(d)^2`` (D. Eigen et al., Depth Map Prediction from a Single
    Image using a Multi-Scale Deep Network, NIPS 2014, equation 4), or its square root. Computed as
    ``var(d) + (1 - lambda) * mean(d)^2`` it is the same number but never negative. The root is
    ``sqrt(D + e) - sqrt(e)`` with ``e = 1e-12``: 0 with a finite gradient at zero error.

    Args:
        pred: Predicted depth in metres, shape (N, C, H, W). Values at or below ``eps`` are clamped
            to it; below, they get no gradient, so let the head predict positive depth.
        target: Depth in metres, same shape; clamped in the same way.
        mask: Boolean map of shape (N, 1, H, W), true where a pixel is valid.
        variance_focus: Lambda in [0, 1]. 0 is the plain log error, 1 ignores the global scale;
            Eigen et al. train with 0.5, BTS (Lee et al. 2019) and its successors with 0.85.
        root: Whether to take the square root, as BTS and mmseg do. False is the loss of the paper.
        eps: Smallest depth in metres.

    Returns:
        Scalar tensor without unit.

    Raises:
        ValueError: If shapes or types do not fit each other.
    """
    pred, target = masked_inputs(pred, target, mask)
    diff = pred.clamp(min=eps).log() - target.clamp(min=eps).log()
    mean = masked_mean(diff, mask)
    # Detached: the derivative of a variance by its mean is zero.
    variance = masked_mean((diff - mean.detach()).square(), mask)
    loss = variance + (1 - variance_focus) * mean.square()
    return (loss + _ROOT_EPS).sqrt() - _ROOT_EPS**0.5 if root else loss


@MODELS.register_module()
class SILogLoss(MaskedLoss):
    """Scale-invariant logarithmic loss for depth, see :func:`silog_loss`.

    Args:
        variance_focus: Lambda of Eigen et al., in [0, 1]: 0.5 in their paper, 0.85 in BTS.
        root: Whether to take the square root.
        eps: Smallest depth in metres; what is below is clamped.
        loss_weight: Factor of the result.
        loss_name: Key of the loss in the log.

    Raises:
        ValueError: If ``variance_focus`` is outside [0, 1] or ``eps`` is not positive.
    """

    def __init__(
        self,
        *,
        variance_focus: float = 0.5,
        root: bool = True,
        eps: float = 1e-3,
        loss_weight: float = 1.0,
        loss_name: str = "loss_silog",
    ) -> None:
        super().__init__(loss_weight=loss_weight, loss_name=loss_name)
        if not 0 <= variance_focus <= 1:
            raise ValueError(
                f"variance_focus is {variance_focus}; expected a number in [0, 1], such as 0.5 "
                "(Eigen et al.) or 0.85 (BTS)."
            )
        if eps <= 0:
            raise ValueError(f"eps is {eps}; expected a depth in metres above 0, such as 1e-3.")
        self.variance_focus = variance_focus
        self.root = root
        self.eps = eps

    def compute(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Return the loss before its weight."""
        return silog_loss(
            pred,
            target,
            mask,
            variance_focus=self.variance_focus,
            root=self.root,
            eps=self.eps,
        )
