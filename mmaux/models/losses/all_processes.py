"""Means over the pixels of all processes."""

from mmengine.dist import all_reduce, get_world_size, is_distributed
from torch import Tensor


def valid_count(mask: Tensor) -> Tensor:
    """Number of true entries, on average over the processes; 1 if there is none anywhere.

    Args:
        mask: Boolean map of any shape.

    Returns:
        Scalar float tensor.
    """
    total = mask.sum().float()
    all_reduce(total)
    return (total / get_world_size()).where(total > 0, total.new_ones(()))


def mean_of_all(share: Tensor) -> Tensor:
    """The mean of a scalar over the processes, with the gradient of this process's share.

    With a sum over this process's pixels divided by :func:`valid_count` as ``share``, the value is
    the mean over the pixels of all processes, and the gradients, once distributed training has
    averaged them, are those of one process with the whole batch, however unevenly the valid pixels
    are spread.
    """
    if not is_distributed():
        return share
    mean = share.detach().clone()
    all_reduce(mean, op="mean")
    return share + (mean - share.detach())
