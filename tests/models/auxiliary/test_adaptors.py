import sys

import pytest
import torch
import torch.nn.functional as F

from mmaux.models.auxiliary import ADAPTORS, Adaptor

BN = {"type": "mmengine.BN"}


def build(name, in_channels=6, channels=4, **kwargs):
    torch.manual_seed(0)
    return Adaptor(name, in_channels, channels, norm_cfg=BN, project_skip=True, **kwargs)


@pytest.mark.parametrize("name", ADAPTORS)
def test_a_step_is_trained(name):
    if name == "deform_conv3x3":
        pytest.importorskip("mmcv.ops")
    adaptor = build(name).train()
    feature = torch.randn(2, 6, 9, 10, requires_grad=True)
    output = adaptor(feature, (9, 10))
    assert output.shape == (2, 4, 9, 10)
    (output**3).sum().backward()
    assert feature.grad.abs().max() > 0
    for key, parameter in adaptor.named_parameters():
        assert parameter.grad.isfinite().all(), key
        assert parameter.grad.abs().max() > 0, key


def test_the_offsets_of_a_deformable_convolution_learn():
    pytest.importorskip("mmcv.ops")
    adaptor = build("deform_conv3x3")
    names = {name for name, _ in adaptor.named_parameters()}
    assert {n for n in names if "conv_offset" in n} == {
        "operation.conv.conv_offset.weight",
        "operation.conv.conv_offset.bias",
    }
    # Offsets start at zero, so it starts as an ordinary convolution.
    feature = torch.randn(1, 6, 8, 8)
    expected = F.conv2d(feature, adaptor.operation.conv.weight, padding=1)
    torch.testing.assert_close(adaptor.operation.conv(feature), expected, rtol=1e-4, atol=1e-5)


def test_without_compiled_ops_the_error_says_what_to_install(monkeypatch):
    # As mmcv-lite: None makes the import fail.
    monkeypatch.delitem(sys.modules, "mmaux.models.auxiliary.contiguous_deform_conv", raising=False)
    for name in ("mmcv.ops", "mmcv.ops.deform_conv"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"has none \(mmcv-lite\?\)\. Build it: .*MMCV_WITH_OPS"):
        build("deform_conv3x3")
    build("sep_conv3x3_dil6")


def gradients_of(adaptor, feature):
    feature = feature.detach().requires_grad_()
    adaptor.zero_grad()
    output = adaptor(feature, (9, 10))
    # The gradient arrives with the channels last, as from a neighbouring convolution.
    output.backward(output.detach().to(memory_format=torch.channels_last))
    return [output, feature.grad, *(parameter.grad.clone() for parameter in adaptor.parameters())]


@pytest.mark.parametrize("name", ADAPTORS)
def test_channels_last_changes_nothing(name):
    if name == "deform_conv3x3":
        pytest.importorskip("mmcv.ops")
    adaptor = build(name, in_channels=8, channels=8).eval()
    for parameter in adaptor.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    feature = torch.randn(2, 8, 9, 10)
    expected = gradients_of(adaptor, feature)
    adaptor.to(memory_format=torch.channels_last)
    found = gradients_of(adaptor, feature.to(memory_format=torch.channels_last))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "kernel", "dilation", "groups"),
    [
        ("conv1x1", 1, 1, 1),
        ("conv3x3", 3, 1, 1),
        ("sep_conv3x3", 3, 1, 6),
        ("sep_conv3x3_dil3", 3, 3, 6),
        ("sep_conv3x3_dil6", 3, 6, 6),
    ],
)
def test_convolutions_are_those_that_their_names_say(name, kernel, dilation, groups):
    adaptor = build(name).eval()
    conv = next(m for m in adaptor.modules() if isinstance(m, torch.nn.Conv2d))
    assert conv.kernel_size == (kernel, kernel)
    assert conv.dilation == (dilation, dilation)
    assert conv.groups == groups
    kinds = [type(m).__name__ for m in adaptor.modules()]
    assert kinds.count("BatchNorm2d") == kinds.count("ReLU") == (2 if groups > 1 else 1)
    assert adaptor(torch.randn(1, 6, 9, 10), (9, 10)).min() >= 0


def test_conv1x1_is_convolution_normalisation_relu():
    adaptor, feature = build("conv1x1").train(), torch.randn(2, 6, 5, 7)
    raw = torch.einsum("oi,nihw->nohw", adaptor.operation.conv.weight[..., 0, 0], feature)
    mean, var = raw.mean((0, 2, 3), keepdim=True), raw.var((0, 2, 3), False, keepdim=True)
    expected = ((raw - mean) / (var + 1e-5).sqrt()).clamp(min=0)
    torch.testing.assert_close(adaptor(feature, (5, 7)), expected)


def test_skip():
    feature = torch.randn(1, 6, 5, 7)
    same = Adaptor("skip", 6, 6, norm_cfg=BN, project_skip=True)
    assert not list(same.parameters())
    assert torch.equal(same(feature, (5, 7)), feature)
    free = Adaptor("skip", 6, 4, norm_cfg=BN, project_skip=False)
    assert free.out_channels == 6
    assert torch.equal(free(feature, (5, 7)), feature)
    projected = build("skip")
    expected = F.conv2d(feature, projected.operation.weight)
    torch.testing.assert_close(projected(feature, (5, 7)), expected)
    assert projected(feature, (5, 7)).min() < 0  # linear


@pytest.mark.parametrize("large", [True, False])
def test_the_operation_runs_at_the_lower_resolution(large):
    adaptor = build("conv1x1").eval()
    seen = []
    adaptor.operation.register_forward_hook(lambda m, i, o: seen.append(tuple(i[0].shape[-2:])))
    feature = torch.randn(1, 6, *((16, 20) if large else (4, 5)))
    output = adaptor(feature, (8, 10))
    assert output.shape[-2:] == (8, 10)
    assert seen == [(8, 10) if large else (4, 5)]
