"""Folding batch normalisation into convolutions."""

import copy
from typing import TypeVar

from mmcv.cnn import fuse_conv_bn
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

Network = TypeVar("Network", bound=nn.Module)


def fuse_network(network: Network) -> tuple[Network, int]:
    """A copy of a network in which convolutions contain the batch norms that follow them.

    mmcv's ``fuse_conv_bn`` takes a batch norm to follow the convolution that is registered before
    it. That holds in the backbones and heads of mmcv, mmseg and mmaux, and not in pre-activation
    networks, so compare predictions with those of the original.

    Args:
        network: In evaluation mode; not changed.

    Returns:
        The copy, and how many batch norms are gone.

    Raises:
        ValueError: The network is in training mode, in which batch norms use the batch.
    """
    if network.training:
        raise ValueError("network is in training mode, expected evaluation mode; call .eval().")
    fused = fuse_conv_bn(copy.deepcopy(network))
    return fused, _batch_norms(network) - _batch_norms(fused)


def _batch_norms(network: nn.Module) -> int:
    return sum(isinstance(module, _BatchNorm) for module in network.modules())
