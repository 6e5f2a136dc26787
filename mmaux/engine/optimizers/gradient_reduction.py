"""Tensors of all processes together."""

from collections.abc import Sequence

import torch
from mmengine.dist import all_reduce, is_distributed
from torch import Tensor
from torch._utils import _flatten_dense_tensors, _unflatten_dense_tensors


def average_over_processes(tensors: Sequence[Tensor]) -> None:
    """Replace tensors by their means over the processes, in place and in one transfer a type."""
    if not is_distributed():
        return
    by_type: dict[torch.dtype, list[Tensor]] = {}
    for tensor in tensors:
        by_type.setdefault(tensor.dtype, []).append(tensor)
    for same in by_type.values():
        flat = _flatten_dense_tensors(same)
        all_reduce(flat, op="mean")
        for tensor, mean in zip(same, _unflatten_dense_tensors(flat, same), strict=True):
            tensor.copy_(mean)
