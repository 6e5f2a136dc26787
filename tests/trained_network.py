"""Small networks with the statistics of trained ones, and photographs for them."""

from typing import Any

import cv2
import numpy as np
import torch
from networks import build_network, heads

from mmaux.models import MultiTaskEncoderDecoder

CHANNELS = (8, 16, 32, 64)


def photographs(count: int, size: tuple[int, int], seed: int = 0) -> np.ndarray:
    """Smooth random pictures (N, H, W, 3), uint8, whose three channels differ."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 6, 8, 3)).astype(np.float32)
    fine = rng.normal(0, 12, (count, *size, 3))
    smooth = np.stack([cv2.resize(c, size[::-1], interpolation=cv2.INTER_CUBIC) for c in coarse])
    return np.clip(smooth + fine, 0, 255).astype(np.uint8)


def network_of(name: str, **changes: Any) -> MultiTaskEncoderDecoder:
    """A network of the paper in small; its predictions vary within an image."""
    network = build_network(**_CHANGES[name](), **changes)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None  # the mean over all batches
    images = torch.from_numpy(photographs(4, (96, 128), seed=7)).permute(0, 3, 1, 2).float()
    generator = torch.Generator().manual_seed(1)
    network.train()
    with torch.no_grad():
        features = network.extract_feat((images - 127.5) / 127.5)
        for task, head in network.heads.items():
            last = head.decoder.conv_seg
            last.weight.copy_(torch.randn(last.weight.shape, generator=generator))
            last.bias.zero_()
            last.bias.copy_((3.0 if task == "depth" else 0.0) - head(features).mean((0, 2, 3)))
    return network.eval()


def _baseline() -> dict[str, Any]:
    return {}


def _residual(**changes: Any) -> dict[str, Any]:
    """A small ResNet-18, which is quicker to export; stride 32."""
    return {
        "type": "mmseg.ResNetV1c",
        "depth": 18,
        "stem_channels": 8,
        "base_channels": 8,
        "norm_cfg": {"type": "mmengine.BN"},
        **changes,
    }


def _heads(**changes: Any) -> dict[str, Any]:
    configs = heads()
    for config in configs.values():
        config["decoder"].update(changes)
    return configs


def _context() -> dict[str, Any]:
    """Output stride 8."""
    return {
        "backbone": _residual(strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4)),
        "neck": {
            "type": "mmaux.ASPPNeck",
            "in_channels": CHANNELS,
            "channels": 16,
            "out_channels": 64,
            "dilations": (1, 2, 4),
        },
        "heads": _heads(in_channels=64),
    }


def _u_shape() -> dict[str, Any]:
    """With a divisor, to which testing pads, and a network that reads BGR."""
    return {
        "backbone": _residual(),
        "neck": {"type": "mmaux.UShapeNeck", "in_channels": CHANNELS, "channels": CHANNELS},
        "heads": _heads(in_index=0, in_channels=8),
        "data_preprocessor": {
            "type": "mmaux.MultiTaskDataPreProcessor",
            "mean": [103.53, 116.28, 123.675],
            "std": [57.375, 57.12, 58.395],
            "pad_val": 1,
            "test_cfg": {"size_divisor": 32},
        },
    }


def _self_attention() -> dict[str, Any]:
    """Bottlenecks as in ResNet-50, and non-local decoders."""
    configs = _heads(type="mmseg.NLHead", in_channels=128)
    for config in configs.values():
        del config["decoder"]["num_convs"]
    strides = {"strides": (1, 2, 1, 1), "dilations": (1, 1, 2, 4)}
    return {"backbone": _residual(depth=50, base_channels=4, **strides), "heads": configs}


_CHANGES = {
    "baseline": _baseline,
    "context": _context,
    "u_shape": _u_shape,
    "self_attention": _self_attention,
}
NETWORKS = tuple(_CHANGES)
