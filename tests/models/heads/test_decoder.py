import random
from typing import Any

import mmseg.models  # noqa: F401 (fills the registry)
import numpy as np
import pytest
import torch
from mmengine.model import ModuleList
from mmengine.registry import DefaultScope
from mmseg.models.decode_heads import FCNHead
from mmseg.models.decode_heads.decode_head import BaseDecodeHead
from mmseg.registry import MODELS as MMSEG_MODELS

from mmaux.models.heads import build_decoder
from mmaux.models.heads.decoder import check_channels
from mmaux.registry import MODELS

BN = {"type": "mmengine.BN"}
ONE = {"in_channels": 32, "in_index": 0, "channels": 16, "norm_cfg": BN}
ALL = {"in_channels": [8, 16, 24, 32], "in_index": [0, 1, 2, 3], "channels": 16, "norm_cfg": BN}

ACCEPTED: dict[str, dict[str, Any]] = {
    "ANNHead": {**ALL, "in_channels": [8, 16], "in_index": [0, 1], "project_channels": 8},
    "APCHead": {**ONE, "pool_scales": (1, 2)},
    "ASPPHead": ONE,
    "CCHead": ONE,
    "DMHead": {**ONE, "filter_sizes": (1, 3)},
    "DNLHead": ONE,
    "DepthwiseSeparableASPPHead": {
        **ONE,
        "in_index": 1,
        "c1_in_channels": 8,
        "c1_channels": 4,
    },
    "DepthwiseSeparableFCNHead": ONE,
    "EMAHead": {**ONE, "ema_channels": 16, "num_bases": 4, "num_stages": 2},
    "FCNHead": ONE,
    "FPNHead": {**ALL, "feature_strides": [4, 8, 16, 32]},
    "GCHead": ONE,
    "ISAHead": {**ONE, "isa_channels": 8, "down_factor": (2, 2)},
    "LRASPPHead": {
        **ALL,
        "in_channels": (8, 16, 32),
        "in_index": (0, 1, 2),
        "branch_channels": (4, 8),
        "input_transform": "multiple_select",
    },
    "LightHamHead": {
        "in_channels": [16, 24, 32],
        "in_index": [1, 2, 3],
        "channels": 16,
        "ham_channels": 16,
        "norm_cfg": {"type": "mmengine.GN", "num_groups": 4},
        "ham_kwargs": {"MD_R": 4},
    },
    "NLHead": ONE,
    "PSAHead": {**ONE, "mask_size": (16, 16)},
    "PSPHead": ONE,
    "SETRUPHead": {**ONE, "num_convs": 1, "up_scale": 2, "kernel_size": 3},
    "STDCHead": {**ONE, "boundary_threshold": 0.1},
    "SegformerHead": ALL,
    "SegmenterMaskTransformerHead": {
        "in_channels": 32,
        "channels": 32,
        "in_index": 0,
        "num_layers": 1,
        "num_heads": 4,
        "embed_dims": 32,
    },
    "UPerHead": ALL,
}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "DAHead": ({**ONE, "pam_channels": 4}, "its forward returns a tuple, not one map"),
    # It appends "1d" to the norm's type, which a scope would hinder.
    "EncHead": ({**ALL, "norm_cfg": {"type": "BN"}}, "its forward returns a tuple, not one map"),
    "DDRHead": (ONE, "does not run on feature maps alone"),
    "PIDHead": (ONE, "does not run on feature maps alone"),
    "OCRHead": ({**ONE, "ocr_channels": 8}, "is a cascade"),
    "PointHead": (ALL, "is a cascade"),
    "IterativeDecodeHead": (ONE, "its constructor is not that of a plain decode head"),
    "SideAdapterCLIPHead": (ONE, "its constructor is not that of a plain decode head"),
    "VPDDepthHead": (ONE, "its constructor is not that of a plain decode head"),
    # These want maps of a vision transformer; with others mmseg says nothing but "assert".
    "DPTHead": (ALL, r"mmseg refuses its arguments \(.+\); check in_channels"),
    "SETRMLAHead": (ONE, r"mmseg refuses its arguments \(.+\); check in_channels"),
}


def test_the_table_covers_mmsegs_decode_heads():
    heads = {
        name
        for name, kind in MMSEG_MODELS.module_dict.items()
        if isinstance(kind, type)
        and issubclass(kind, BaseDecodeHead)
        and kind.__module__.startswith("mmseg.models.decode_heads")
    }
    assert heads == set(ACCEPTED) | set(REFUSED)


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name):
    decoder = build_decoder({"type": f"mmseg.{name}", **ACCEPTED[name]}, out_channels=3)
    channels = {1: [32], 2: [8, 32], 3: [8, 16, 32]}.get(
        1 + max(np.atleast_1d(decoder.in_index)), [8, 16, 24, 32]
    )
    if name == "ANNHead":
        channels = [8, 16]
    size = 64 if name == "LRASPPHead" else 16  # it pools over windows of 49
    maps = [torch.randn(1, c, size, size) for c in channels]
    check_channels(decoder, maps)
    output = decoder.eval()(maps)
    assert output.shape[:2] == (1, 3)
    assert output.isfinite().all()


def test_maps_that_do_not_fit_are_named():
    maps = [torch.zeros(1, channels, 4, 4) for channels in (8, 16, 32)]
    decoder = build_decoder({"type": "mmseg.FCNHead", **ONE}, out_channels=3)
    with pytest.raises(ValueError, match=r"in_channels says 32 for in_index=0, .* \[8, 16, 32\]"):
        check_channels(decoder, maps)
    far = build_decoder({"type": "mmseg.FCNHead", **ONE, "in_index": 3}, out_channels=3)
    with pytest.raises(ValueError, match="in_index=3, but there are 3 feature maps"):
        check_channels(far, maps)
    several = {"in_index": [1, 2], "in_channels": [16, 64], "channels": 16, "norm_cfg": BN}
    decoder = build_decoder({"type": "mmseg.SegformerHead", **several}, out_channels=3)
    with pytest.raises(ValueError, match="SegformerHead: in_channels says 64 for in_index=2"):
        check_channels(decoder, maps)


@pytest.mark.parametrize("scope", ["mmaux", "mmseg"])
@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name_and_with_the_reason(name, scope):
    config, reason = REFUSED[name]
    scoped = DefaultScope.overwrite_default_scope(scope)
    with scoped, pytest.raises(ValueError, match=rf"mmseg\.{name}.*{reason}"):
        build_decoder({"type": f"mmseg.{name}", **config}, out_channels=3)


@pytest.mark.parametrize("out_channels", [1, 2, 40])
def test_the_number_of_channels_is_what_was_asked_for(out_channels):
    decoder = build_decoder({"type": "mmseg.FCNHead", **ONE}, out_channels=out_channels)
    assert decoder([torch.zeros(2, 32, 8, 8)]).shape == (2, out_channels, 8, 8)


@pytest.mark.parametrize("name", ["FCNHead", "DepthwiseSeparableASPPHead", "UPerHead", "EMAHead"])
def test_probing_leaves_no_trace(name):
    config = {"type": f"mmseg.{name}", **ACCEPTED[name]}
    plain = {**config, "num_classes": 3, "loss_decode": {"type": "mmseg.CrossEntropyLoss"}}
    torch.manual_seed(5)
    untouched = MMSEG_MODELS.build(plain)
    state = torch.get_rng_state()
    others = random.getstate(), np.random.get_state()[1].copy()
    torch.manual_seed(5)
    probed = build_decoder(config, out_channels=3)
    # Whatever building draws, probing (which runs dropout) draws nothing more.
    assert torch.equal(torch.get_rng_state(), state)
    assert random.getstate() == others[0]
    assert (np.random.get_state()[1] == others[1]).all()
    expected = untouched.state_dict()
    assert expected.keys() == probed.state_dict().keys()
    for key, value in probed.state_dict().items():
        assert torch.equal(value, expected[key]), key
    assert any("running_mean" in key for key in expected)
    assert probed.training
    assert all(p.grad is None for p in probed.parameters())


def test_layers_may_be_copied_from_another_packages_config():
    """mmengine marks them with the package, which layers refuse."""
    norm = {"type": "SyncBN", "requires_grad": True, "_scope_": "mmseg"}
    config = {"type": "mmseg.FCNHead", **ONE, "num_convs": 1}
    decoder = build_decoder({**config, "norm_cfg": norm}, out_channels=7)
    assert any(isinstance(module, torch.nn.SyncBatchNorm) for module in decoder.modules())
    assert norm["_scope_"] == "mmseg"
    without = build_decoder({**config, "norm_cfg": None}, out_channels=7)
    assert not any("running" in name for name in without.state_dict())


@pytest.mark.parametrize("key", ["num_classes", "out_channels"])
def test_the_tasks_head_sets_the_channels(key):
    with pytest.raises(ValueError, match=rf"mmseg\.FCNHead: {key} is set by the task's head \(7\)"):
        build_decoder({"type": "mmseg.FCNHead", key: 3, **ONE}, out_channels=7)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mmseg.NoSuchHead", "not a known decode head; types carry their scope"),
        (None, "not a known decode head"),
        ("mmseg.MobileNetV2", "not a subclass of mmseg's BaseDecodeHead"),
        (ModuleList, "not a subclass of mmseg's BaseDecodeHead"),
    ],
)
def test_something_else_than_a_decode_head(name, message):
    with pytest.raises(ValueError, match=message):
        build_decoder({"type": name, **ONE}, out_channels=3)


def test_a_class_as_the_type():
    assert isinstance(build_decoder({"type": FCNHead, **ONE}, out_channels=3), FCNHead)


def test_an_own_decode_head_with_another_shape_is_refused():
    class Pooled(FCNHead):
        def forward(self, inputs):
            return super().forward(inputs).mean(dim=(2, 3))

    class TwoArguments(FCNHead):
        def forward(self, inputs, previous):
            return super().forward(inputs)

    for kind, message in (
        (Pooled, r"returns shape \(2, 3\), not \(N, 3, H, W\)"),
        (TwoArguments, "its forward takes more than the feature maps"),
    ):
        with pytest.raises(ValueError, match=message):
            build_decoder({"type": kind, **ONE}, out_channels=3)


def test_the_given_config_is_not_changed():
    config = {"type": "mmseg.FCNHead", **ONE}
    build_decoder(config, out_channels=3)
    assert config == {"type": "mmseg.FCNHead", **ONE}


def test_types_resolve_from_our_registry():
    assert MODELS.get("mmseg.FCNHead") is FCNHead
