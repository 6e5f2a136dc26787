"""Checks and precision shared by all masked losses."""

import torch
from torch import Tensor


def masked_inputs(
    pred: Tensor, target: Tensor, mask: Tensor, *, channels: int | None = None
) -> tuple[Tensor, Tensor]:
    """Check what a loss got and make it safe to compute with.

    Half and bfloat16 predictions are converted to float32 (float64 stays float64), and the target
    follows the prediction. Invalid pixels are set to 1 in both maps, so that holes, infinities and
    NaN there reach no arithmetic: every loss of this package is finite between equal non-zero
    values.

    Args:
        pred: Predicted map of shape (N, C, H, W), floating point.
        target: Map of the same shape, floating point.
        mask: Boolean map of shape (N, 1, H, W), true where a pixel is valid.
        channels: The C that the loss needs, None for any.

    Returns:
        Prediction and target in the same floating type, at least float32.

    Raises:
        ValueError: If shapes or types do not fit; the message names what was found and expected.
    """
    if pred.ndim != 4 or pred.shape != target.shape:
        raise ValueError(
            f"pred has shape {tuple(pred.shape)} and target has shape {tuple(target.shape)}; both "
            "must be the same (N, C, H, W). Resize the prediction to the target before the loss."
        )
    if channels is not None and pred.shape[1] != channels:
        raise ValueError(
            f"pred and target have shape {tuple(pred.shape)}; this loss needs C = {channels} "
            f"channels, found {pred.shape[1]}. Set the channels of the head accordingly."
        )
    expected = (pred.shape[0], 1, *pred.shape[2:])
    if mask.shape != expected:
        raise ValueError(
            f"mask has shape {tuple(mask.shape)} for a pred of shape {tuple(pred.shape)}; expected "
            f"{expected}. Add the channel axis with mask.unsqueeze(1) if it is missing."
        )
    if mask.dtype != torch.bool:
        raise ValueError(
            f"mask has dtype {mask.dtype} and shape {tuple(mask.shape)}; expected torch.bool, true "
            "where a pixel is valid. Compare first, for example mask = target > 0."
        )
    if not (pred.is_floating_point() and target.is_floating_point()):
        raise ValueError(
            f"pred is {pred.dtype} of shape {tuple(pred.shape)} and target is {target.dtype} of "
            f"shape {tuple(target.shape)}; both must be floating point. Call .float() on the map."
        )
    dtype = torch.float32 if pred.dtype in (torch.float16, torch.bfloat16) else pred.dtype
    pred, target = pred.to(dtype), target.to(dtype)
    one = pred.new_ones(())
    return torch.where(mask, pred, one), torch.where(mask, target, one)
