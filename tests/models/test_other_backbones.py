"""Backbones of mmseg and mmpretrain by config alone, shrunk: they train, and lose the module."""

from functools import partial

import pytest
import torch
from mmengine.config import Config
from networks import batch, build_network, heads, network_config

from mmaux.deploy import compare_predictions, strip_config
from mmaux.registry import MODELS

TASKS = ("semseg", "depth", "normal")
# Not MobileNetV2's channels, which the decoders of the other tests read.
CHANNELS = (8, 16, 24, 32)
BACKBONES = {
    "SwinTransformer": {
        "type": "mmpretrain.SwinTransformer",
        "arch": {"embed_dims": 8, "depths": [1, 1, 1, 1], "num_heads": [1, 2, 4, 8]},
        "window_size": 4,
        "pad_small_map": True,
        "out_indices": (0, 1, 2, 3),
    },
    "ConvNeXt": {
        "type": "mmpretrain.ConvNeXt",
        "arch": {"depths": [1, 1, 1, 1], "channels": list(CHANNELS)},
        "out_indices": (0, 1, 2, 3),
        "gap_before_final_norm": False,
    },
    "MixVisionTransformer": {
        "type": "mmseg.MixVisionTransformer",
        "embed_dims": 8,
        "num_layers": [1, 1, 1, 1],
        "num_heads": [1, 2, 3, 4],
    },
}
WIDTHS = {"SwinTransformer": (8, 16, 32, 64), "MixVisionTransformer": CHANNELS}


def settings(name, **changes):
    """A network with a SegFormer decoder for each task and a module on the four maps."""
    channels = WIDTHS.get(name, CHANNELS)
    decoder = {
        "type": "mmseg.SegformerHead",
        "in_channels": list(channels),
        "in_index": [0, 1, 2, 3],
        "channels": 16,
        "dropout_ratio": 0.1,
        "norm_cfg": {"type": "mmengine.BN"},
    }
    return {
        "backbone": BACKBONES[name],
        "heads": {task: {**config, "decoder": decoder} for task, config in heads().items()},
        "auxiliary": {
            "type": "mmaux.AuxiliaryModule",
            "taps": [f"backbone.{i}" for i in range(4)],
            "in_channels": channels,
            "architecture": {},
        },
        **changes,
    }


@pytest.mark.parametrize("name", BACKBONES)
def test_a_step_reaches_every_parameter_and_stripping_changes_no_bit(name):
    network = build_network(**settings(name)).train()
    reached = set()
    for key, parameter in network.named_parameters():
        assert parameter.requires_grad, key
        parameter.register_hook(partial(lambda key, gradient: reached.add(key), key))
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    data = network.data_preprocessor(batch(TASKS, TASKS), True)
    total, _ = network.parse_losses(network(**data, mode="loss"))
    total.backward()
    assert reached == {key for key, _ in network.named_parameters()}
    before = {key: p.detach().clone() for key, p in network.named_parameters()}
    optimizer.step()
    for key, parameter in network.named_parameters():
        assert parameter.isfinite().all(), key
        assert not torch.equal(parameter, before[key]), key

    stripped = strip_config(Config({"model": network_config(**settings(name))}))
    smaller = MODELS.build(stripped.model)
    assert smaller.auxiliary is None
    left = {k: v for k, v in network.state_dict().items() if not k.startswith("auxiliary.")}
    assert len(left) < len(network.state_dict())
    smaller.load_state_dict(left, strict=True)
    inputs = [batch(TASKS, seed=1, size=(64, 96)), batch(TASKS, seed=2, size=(64, 64))]
    fields = ("pred_depth_map", "pred_normal_map", "pred_sem_seg", "seg_logits")
    assert compare_predictions(network, smaller, inputs) == fields


@pytest.mark.parametrize("name", BACKBONES)
def test_the_module_leaves_the_starting_weights_alone(name):
    plain = build_network(**settings(name, auxiliary=None)).state_dict()
    auxiliary = build_network(**settings(name)).state_dict()
    assert all(torch.equal(value, auxiliary[key]) for key, value in plain.items())
