"""Small networks and batches for tests."""

from typing import Any

import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from mmaux.registry import MODELS

CLASSES = 5
FIELDS = {"semseg": "gt_sem_seg", "depth": "gt_depth_map", "normal": "gt_normal_map"}


def decoder(**changes: Any) -> dict[str, Any]:
    """A one-layer decoder on MobileNetV2's last map."""
    return {
        "type": "mmseg.FCNHead",
        "in_channels": 80,
        "in_index": 3,
        "channels": 16,
        "num_convs": 1,
        "concat_input": False,
        "dropout_ratio": 0.0,
        "norm_cfg": {"type": "mmengine.BN"},
        **changes,
    }


def heads(*tasks: str) -> dict[str, dict[str, Any]]:
    """Configs of the named tasks' heads."""
    known = {
        "semseg": {"type": "mmaux.SemSegHead", "num_classes": CLASSES, "decoder": decoder()},
        "depth": {"type": "mmaux.DepthHead", "decoder": decoder()},
        "normal": {"type": "mmaux.NormalHead", "decoder": decoder()},
    }
    return {task: known[task] for task in tasks or known}


def auxiliary(**changes: Any) -> dict[str, Any]:
    """An auxiliary module on the four maps."""
    return {
        "type": "mmaux.AuxiliaryModule",
        "taps": ("backbone.0", "backbone.1", "backbone.2", "backbone.3"),
        "in_channels": (8, 8, 24, 80),
        "architecture": {},
        "channels": 16,
        **changes,
    }


def deep_supervision(**changes: Any) -> dict[str, Any]:
    """Small heads on the four maps."""
    settings = auxiliary(type="mmaux.DeepSupervision", **changes)
    return {
        key: value for key, value in settings.items() if key not in ("architecture", "channels")
    }


def network_config(*tasks: str, **changes: Any) -> dict[str, Any]:
    """Config of a quarter-width MobileNetV2 at output stride 8."""
    return {
        "type": "mmaux.MultiTaskEncoderDecoder",
        "data_preprocessor": {
            "type": "mmaux.MultiTaskDataPreProcessor",
            "mean": [127.5] * 3,
            "std": [127.5] * 3,
            "bgr_to_rgb": True,
            "size_divisor": 32,
        },
        "backbone": {
            "type": "mmseg.MobileNetV2",
            "widen_factor": 0.25,
            "strides": (1, 2, 2, 1, 1, 1, 1),
            "dilations": (1, 1, 1, 2, 2, 4, 4),
            "out_indices": (1, 2, 4, 6),
        },
        "heads": heads(*tasks),
        **changes,
    }


def build_network(*tasks: str, seed: int = 0, **changes: Any) -> torch.nn.Module:
    """The network of :func:`network_config`, built and initialised under a seed."""
    torch.manual_seed(seed)
    network = MODELS.build(network_config(*tasks, **changes))
    network.init_weights()
    return network


def sample(
    size: tuple[int, int], *tasks: str, generator: torch.Generator, **meta: Any
) -> SegDataSample:
    """A data sample with random ground truth for the named tasks."""
    targets = {
        "semseg": torch.randint(0, CLASSES, (1, *size), generator=generator),
        "depth": 0.5 + 5 * torch.rand(1, *size, generator=generator),
        "normal": torch.nn.functional.normalize(torch.randn(3, *size, generator=generator), dim=0),
    }
    result = SegDataSample(metainfo={"ori_shape": size, "img_shape": size, **meta})
    result.set_data({FIELDS[task]: PixelData(data=targets[task]) for task in tasks})
    return result


def batch(
    *tasks_of_samples: tuple[str, ...], size: tuple[int, int] = (64, 96), seed: int = 0
) -> dict[str, Any]:
    """Images and data samples as a data loader gives them; one tuple of tasks a sample."""
    generator = torch.Generator().manual_seed(seed)
    return {
        "inputs": [
            torch.randint(0, 256, (3, *size), generator=generator, dtype=torch.uint8)
            for _ in tasks_of_samples
        ],
        "data_samples": [sample(size, *t, generator=generator) for t in tasks_of_samples],
    }
