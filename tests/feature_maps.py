"""Random feature maps for tests."""

from collections.abc import Sequence

import torch


def feature_maps(
    channels: Sequence[int], sizes: Sequence[tuple[int, int]], *, requires_grad: bool = False
) -> tuple[torch.Tensor, ...]:
    """Two images' maps (2, C, h, w) of the given channels and sizes, always the same."""
    generator = torch.Generator().manual_seed(1)
    made = [
        torch.randn(2, c, *s, generator=generator) for c, s in zip(channels, sizes, strict=True)
    ]
    return tuple(m.requires_grad_(requires_grad) for m in made)
