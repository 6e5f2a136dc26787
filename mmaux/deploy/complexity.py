"""Parameters and floating-point operations of a network, with and without what training adds."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mmaux.models import MultiTaskEncoderDecoder


@dataclass(frozen=True)
class Complexity:
    """What a network costs.

    Attributes:
        parameters: Learnable numbers.
        flops: Floating-point operations of one forward pass of one image; a multiply-add is two.
            Counted are convolutions and matrix products of PyTorch itself, not operations with
            kernels of their own (mmcv's deformable convolution).
        input_size: Height and width of the image in pixels.
    """

    parameters: int
    flops: int
    input_size: tuple[int, int]

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def inference_complexity(model: MultiTaskEncoderDecoder, image: Tensor) -> Complexity:
    """Cost of the network that predicts; what only training has does not count.

    Args:
        model: The network.
        image: A normalised image (1, 3, H, W).
    """
    extra = sum(p.numel() for p in model.training_only_parameters())

    def run() -> None:
        _run_heads(model, model.maps_for_heads(model.extract_shared(image)), image)

    return _measure(model, run, image, less=extra)


def training_complexity(model: MultiTaskEncoderDecoder, image: Tensor) -> Complexity:
    """Cost of the forward pass of training: main network, auxiliary module, all heads.

    The losses, and the backward pass (about twice the forward pass), do not count.

    Args:
        model: The network.
        image: A normalised image (1, 3, H, W).
    """

    def run() -> None:
        shared = model.extract_shared(image)
        _run_heads(model, model.maps_for_heads(shared), image)
        if model.auxiliary is not None:
            for branch in model.auxiliary.branches(shared):
                branch.head.predict_field([branch.feature], image.shape[-2:])

    return _measure(model, run, image)


def _run_heads(model: MultiTaskEncoderDecoder, features: tuple[Tensor, ...], image: Tensor) -> None:
    for head in model.heads.values():
        head.predict_field(features, image.shape[-2:])


def _measure(
    model: nn.Module, run: Callable[[], None], image: Tensor, *, less: int = 0
) -> Complexity:
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            run()
    finally:
        model.train(was_training)
    height, width = image.shape[-2:]
    return Complexity(
        parameters=sum(p.numel() for p in model.parameters()) - less,
        flops=int(counter.get_total_flops()),
        input_size=(height, width),
    )
