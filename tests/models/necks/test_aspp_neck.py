import pytest
import torch
from feature_maps import feature_maps
from torch import nn

from mmaux.models import ASPPNeck
from mmaux.registry import MODELS

IN_CHANNELS, SIZES = (3, 4, 5), ((9, 12), (5, 6), (5, 6))
DILATIONS = (1, 2, 4)


def build(**changes):
    torch.manual_seed(0)
    settings = {"channels": 6, "out_channels": 7, "dilations": DILATIONS, **changes}
    return MODELS.build({"type": "mmaux.ASPPNeck", "in_channels": IN_CHANNELS, **settings})


def maps(**options):
    return feature_maps(IN_CHANNELS, SIZES, **options)


class ByHand(nn.Module):
    """ASPP of 1802.02611 from torch's own layers, in the order in which the neck lists its own."""

    def __init__(self, inputs, channels, outputs):
        super().__init__()
        self.layers = nn.ModuleList()
        self.pool = self.unit(inputs, channels)
        self.one = self.unit(inputs, channels)
        self.atrous = [
            (
                self.unit(inputs, inputs, size=3, dilation=d, padding=d, groups=inputs),
                self.unit(inputs, channels),
            )
            for d in DILATIONS[1:]
        ]
        self.project = self.unit(channels * (len(DILATIONS) + 1), outputs)

    def unit(self, inputs, outputs, size=1, **options):
        conv = nn.Conv2d(inputs, outputs, size, bias=False, **options)
        layer = nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())
        self.layers.append(layer)
        return layer

    def forward(self, x):
        pooled = self.pool(x.mean((2, 3), keepdim=True)).expand(-1, -1, *x.shape[-2:])
        branches = [pointwise(depthwise(x)) for depthwise, pointwise in self.atrous]
        return self.project(torch.cat([pooled, self.one(x), *branches], dim=1))


@pytest.mark.parametrize("training", [True, False])
def test_the_last_map_is_atrous_spatial_pyramid_pooling(training):
    neck, reference = build(), ByHand(IN_CHANNELS[-1], 6, 7)
    ours, theirs = list(neck.parameters()), list(reference.layers.parameters())
    assert [p.shape for p in ours] == [p.shape for p in theirs]
    with torch.no_grad():
        for mine, other in zip(ours, theirs, strict=True):
            mine.add_(0.2 * torch.randn(mine.shape))
            other.copy_(mine)
    neck.train(training), reference.train(training)
    features = maps()
    torch.testing.assert_close(neck(features)[-1], reference(features[-1]))


def test_the_shallower_maps_are_handed_on():
    features = maps()
    outputs = build()(features)
    assert [tuple(m.shape) for m in outputs] == [(2, 3, 9, 12), (2, 4, 5, 6), (2, 7, 5, 6)]
    assert all(out is m for out, m in zip(outputs[:-1], features[:-1], strict=True))


def test_a_pixel_sees_what_its_dilations_and_the_pooled_image_show():
    neck = build(dilations=(1, 3)).eval()
    with torch.no_grad():
        neck.image_pool[1].conv.weight.zero_()  # leaves the parallel branches
    image = torch.randn(1, 5, 15, 15, requires_grad=True)
    last = neck((torch.zeros(1, 3, 15, 15), torch.zeros(1, 4, 15, 15), image))[-1]
    (gradient,) = torch.autograd.grad(last[0, :, 7, 7].sum(), image)
    seen = gradient[0].abs().sum(0).nonzero().tolist()
    assert seen == [[y, x] for y in (4, 7, 10) for x in (4, 7, 10)]

    last = build(dilations=(1, 3)).eval()((image[:, :3], image[:, :4], image))[-1]
    (gradient,) = torch.autograd.grad(last[0, :, 7, 7].sum(), image)
    assert (gradient[0].abs().sum(0) > 0).all()


def test_every_parameter_gets_a_gradient():
    neck, features = build().train(), maps(requires_grad=True)
    neck(features)[-1].square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in neck.parameters())
    assert features[-1].grad.abs().max() > 0


def test_the_default_dilations_are_those_of_output_stride_8():
    neck = ASPPNeck(in_channels=(4,), channels=2, out_channels=3)
    assert neck.branches.dilations == (1, 12, 24, 36)


@pytest.mark.parametrize("features", [maps()[:2], maps()[::-1]])
def test_other_maps_are_refused(features):
    with pytest.raises(ValueError, match=r"neck ASPPNeck: in_channels=\[3, 4, 5\], but .* gives"):
        build()(features)
