"""Mean over the valid pixels of a map."""

import torch
from torch import Tensor

from mmaux.models.losses.all_processes import mean_of_all, valid_count


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of ``values`` over the pixels where ``mask`` is true.

    Without any valid pixel the result is 0 and still hangs on the graph, with gradient 0: a batch
    in which a task has no labels trains the other tasks and breaks nothing. What ``values`` holds
    at invalid pixels, infinite and NaN included, changes neither the mean nor its gradient. An
    operation *before* this one can still turn a NaN into a NaN gradient (0 times infinity), so the
    losses fill invalid pixels in their inputs first: :func:`mmaux.models.losses.masked_inputs`.

    Args:
        values: Map of shape (N, C, H, W), or any shape that ``mask`` broadcasts to.
        mask: Boolean map of shape (N, 1, H, W), true where a pixel is valid.

    Returns:
        Scalar tensor, the sum over valid entries divided by their number (at least 1), of all
        processes together.
    """
    mask = mask.expand_as(values)
    total = torch.where(mask, values, values.new_zeros(())).sum()
    return mean_of_all(total / valid_count(mask))
