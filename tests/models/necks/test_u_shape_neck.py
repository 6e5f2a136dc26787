import pytest
import torch
import torch.nn.functional as F
from feature_maps import feature_maps
from torch import nn

from mmaux.models.necks.u_shape_neck import AttentiveFusion
from mmaux.registry import MODELS

IN_CHANNELS, CHANNELS = (3, 4, 5), (6, 7, 8)
# Odd sizes, as a crop of 385 gives them.
SIZES = ((17, 25), (9, 13), (5, 7))
BN = {"type": "mmengine.BN"}


def build(**changes):
    torch.manual_seed(0)
    settings = {"in_channels": IN_CHANNELS, "channels": CHANNELS, **changes}
    return MODELS.build({"type": "mmaux.UShapeNeck", **settings})


def maps(**options):
    return feature_maps(IN_CHANNELS, SIZES, **options)


class ByHand(nn.Module):
    """The decoder for three maps from torch's own layers, in the neck's order of parameters."""

    def __init__(self):
        super().__init__()
        a, b, c = CHANNELS
        self.laterals = nn.ModuleList(map(self.unit, IN_CHANNELS, CHANNELS))
        # Squeezed to a sixteenth, but to no fewer than 8.
        self.upper = self.fusion(a, b)
        self.lower = self.fusion(b, c)

    def unit(self, inputs, outputs, size=1):
        conv = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())

    def fusion(self, shallow, deep):
        both = shallow + deep
        squeeze, excite = nn.Conv2d(both, 8, 1), nn.Conv2d(8, both, 1)
        return nn.ModuleList([squeeze, excite, self.unit(both, shallow, 3)])

    def fuse(self, fusion, shallow, deep):
        squeeze, excite, convolution = fusion
        x = torch.cat([shallow, F.interpolate(deep, shallow.shape[-2:], mode="bilinear")], dim=1)
        weights = excite(torch.relu(squeeze(x.mean((2, 3), keepdim=True))))
        return convolution(x * torch.sigmoid(weights))

    def forward(self, features):
        x1, x2, x3 = (layer(m) for layer, m in zip(self.laterals, features, strict=True))
        x2 = self.fuse(self.lower, x2, x3)
        return self.fuse(self.upper, x1, x2), x2, x3


@pytest.mark.parametrize("training", [True, False])
def test_the_maps_are_those_of_a_hand_written_decoder(training):
    neck, reference = build(), ByHand()
    ours, theirs = list(neck.parameters()), list(reference.parameters())
    assert [p.shape for p in ours] == [p.shape for p in theirs]
    with torch.no_grad():
        for mine, other in zip(ours, theirs, strict=True):
            mine.add_(0.2 * torch.randn(mine.shape))
            other.copy_(mine)
    neck.train(training), reference.train(training)
    found, expected = neck(maps()), reference(maps())
    sizes = [(2, c, *s) for c, s in zip(CHANNELS, SIZES, strict=True)]
    assert [tuple(m.shape) for m in found] == sizes
    for mine, other in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, other)
        assert mine.std() > 0.1


@pytest.mark.parametrize("output", [0, 1, 2])
def test_a_map_has_seen_itself_and_all_deeper_ones(output):
    neck, features = build().train(), maps(requires_grad=True)
    neck(features)[output].square().sum().backward()
    reached = [m.grad is not None and bool(m.grad.abs().max() > 0) for m in features]
    assert reached == [p >= output for p in range(3)]


def test_the_finest_map_teaches_every_parameter():
    neck = build().train()
    neck(maps())[0].square().sum().backward()
    for name, parameter in neck.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


@pytest.mark.parametrize(("bias", "weight"), [(50.0, 1.0), (0.0, 0.5), (-50.0, 0.0)])
def test_attention_weights_whole_channels(bias, weight):
    torch.manual_seed(0)
    fusion = AttentiveFusion(2, 3, norm_cfg=BN).eval()
    excite = fusion.attention.conv2.conv
    with torch.no_grad():
        excite.weight.zero_()
        excite.bias.fill_(50.0)
        excite.bias[2:] = bias  # the deeper map's channels
    shallow, deep = torch.randn(1, 2, 4, 4), torch.randn(1, 3, 2, 2)
    kept = torch.cat([shallow, weight * F.interpolate(deep, (4, 4), mode="bilinear")], dim=1)
    expected = F.conv2d(kept, fusion.fuse.conv.weight, padding=1).relu()
    torch.testing.assert_close(fusion(shallow, deep), expected, rtol=1e-4, atol=1e-5)


def test_mistakes():
    with pytest.raises(ValueError, match=r"channels=\(6, 7\) has 2 entries for 3 maps"):
        build(channels=(6, 7))
    with pytest.raises(ValueError, match=r"neck UShapeNeck: in_channels=\[3, 4, 5\], but .*\[5, 4"):
        build()(maps()[::-1])
