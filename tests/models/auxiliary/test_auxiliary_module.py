import pytest
import torch
import torch.nn.functional as F
from networks import CLASSES, auxiliary, batch, heads
from torch import nn

from mmaux.models import AuxiliaryArchitecture, Cell
from mmaux.registry import MODELS

CHANNELS = (8, 8, 24, 80)
SIZES = ((16, 24), (8, 12), (8, 12), (4, 6))
TASKS = ("semseg", "depth", "normal")


def build(*tasks, inputs=4, **changes):
    torch.manual_seed(0)
    settings = {
        "taps": [f"backbone.{i}" for i in range(inputs)],
        "in_channels": CHANNELS[:inputs],
        "heads": heads(*tasks),
        **changes,
    }
    return MODELS.build(auxiliary(**settings))


def maps(seed=0, requires_grad=False):
    generator = torch.Generator().manual_seed(seed)
    made = [
        torch.randn(2, c, *s, generator=generator) for c, s in zip(CHANNELS, SIZES, strict=True)
    ]
    return {"backbone": tuple(m.requires_grad_(requires_grad) for m in made)}


def samples(*tasks_of_samples):
    return batch(*tasks_of_samples, size=(32, 48))["data_samples"]


class EquationTwo(nn.Module):
    """The basic chain of one task, written down from the paper without cells."""

    def __init__(self, inputs, channels, size, concat):
        super().__init__()
        self.size, self.concat = size, concat
        count = max(inputs, 2)
        widths = [CHANNELS[min(p, inputs - 1)] for p in range(count)]
        self.convs = nn.ModuleList(nn.Conv2d(c, channels, 1, bias=False) for c in widths)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in widths)

    def forward(self, features):
        features = list(features)
        while len(features) < len(self.convs):  # P = 1: O_1 is read twice
            features.append(features[-1])
        h = None
        for feature, conv, norm in zip(features, self.convs, self.norms, strict=True):
            if feature.shape[-1] > self.size[1]:
                feature = F.interpolate(feature, self.size, mode="bilinear")
            d = torch.relu(norm(conv(feature)))
            if d.shape[-1] < self.size[1]:
                d = F.interpolate(d, self.size, mode="bilinear")
            h = d if h is None else torch.cat([h, d], 1) if self.concat else h + d
        return h


@pytest.mark.parametrize("aggregation", ["sum", "concat"])
@pytest.mark.parametrize("inputs", [1, 2, 4])
def test_the_basic_structure_is_equation_two(inputs, aggregation):
    module = build("depth", inputs=inputs, architecture={"aggregation": aggregation}).train()
    size = SIZES[min(1, inputs - 1)]
    reference = EquationTwo(inputs, 16, size, aggregation == "concat").train()
    ours = [p for name, p in module.named_parameters() if name.startswith("cells.")]
    by_hand = [p for c, n in zip(reference.convs, reference.norms, strict=True)
               for p in (*c.parameters(), *n.parameters())]  # fmt: skip
    assert [p.shape for p in ours] == [p.shape for p in by_hand]
    with torch.no_grad():
        for mine, theirs in zip(ours, by_hand, strict=True):
            mine.add_(0.1 * torch.randn(mine.shape))
            theirs.copy_(mine)
    shared = maps()
    found = module(shared)["depth"]
    expected = reference(shared["backbone"][:inputs])
    assert found.shape[1] == (16 * max(inputs, 2) if aggregation == "concat" else 16)
    torch.testing.assert_close(found, expected)
    assert found.std() > 0.1


@pytest.mark.parametrize("tap", [0, 1, 2, 3])
def test_all_maps_are_aligned_to_one_tap(tap):
    for task, feature in build(align_to=tap)(maps()).items():
        assert tuple(feature.shape[-2:]) == SIZES[tap], task


def test_the_second_tap_is_the_default_resolution():
    assert tuple(build()(maps())["depth"].shape[-2:]) == SIZES[1]
    assert tuple(build(inputs=1)(maps())["depth"].shape[-2:]) == SIZES[0]


SEARCHED = AuxiliaryArchitecture(
    num_inputs=4,
    chains=(
        (
            "semseg",
            (
                Cell(("O1", "O2"), ("conv1x1", "sep_conv3x3"), "concat"),
                Cell(("O3", "O4"), ("conv1x1", "conv3x3"), "sum"),  # dead
                Cell(("semseg.1", "O4"), ("skip", "conv1x1"), "sum"),
            ),
        ),
        (
            "depth",
            (
                Cell(("O4", "O4"), ("conv1x1", "skip"), "concat"),
                Cell(("semseg.1", "depth.1"), ("sep_conv3x3_dil3", "skip"), "concat"),
            ),
        ),
    ),
)


def test_only_live_cells_are_built():
    module = build("semseg", "depth", architecture=SEARCHED)
    assert list(module.cells) == ["semseg_1", "depth_1", "depth_2", "semseg_3"]
    assert not list(module.heads.keys() - {"semseg", "depth"})
    # Unprojected skips keep the widths of what they hand on: 16 + (16 + 80).
    assert module.cells["depth_1"].out_channels == 16 + 80
    assert module.cells["depth_2"].out_channels == 16 + 96
    assert module.cells["semseg_3"].out_channels == 16
    assert module(maps())["depth"].shape[1] == 16 + 96


def test_a_task_that_reads_another_tasks_cell_teaches_it():
    module = build("semseg", "depth", architecture=SEARCHED).train()
    losses = module.loss(maps(), samples(("depth",), ("depth",)), (32, 48))
    losses["depth"]["loss_berhu"].backward()
    cell = dict(module.cells["semseg_1"].named_parameters())
    assert all(p.grad.abs().max() > 0 for p in cell.values())
    assert all(p.grad is None for p in module.cells["semseg_3"].parameters())


def test_gradients_reach_every_tap():
    module, shared = build().train(), maps(requires_grad=True)
    losses = module.loss(shared, samples(TASKS, TASKS), (32, 48))
    sum(v for group in losses.values() for k, v in group.items() if "loss" in k).backward()
    assert all(m.grad.abs().max() > 0 for m in shared["backbone"])


def test_it_leaves_the_maps_as_they_are():
    shared = maps()
    before = [m.clone() for m in shared["backbone"]]
    for aggregation in ("sum", "concat"):
        architecture = {"adaptor": "skip", "aggregation": aggregation}
        build(architecture=architecture).train().loss(shared, samples(TASKS, TASKS), (32, 48))
    assert all(torch.equal(a, b) for a, b in zip(before, shared["backbone"], strict=True))


def test_deformable_cells_train_on_a_cpu():
    pytest.importorskip("mmcv.ops")
    module = build("depth", inputs=2, architecture={"adaptor": "deform_conv3x3"}).train()
    module.loss(maps(), samples(("depth",), ("depth",)), (32, 48))["depth"]["loss_berhu"].backward()
    offsets = [p for n, p in module.named_parameters() if "conv_offset" in n]
    assert len(offsets) == 4
    assert all(p.grad.isfinite().all() and p.grad.abs().max() > 0 for p in offsets)


# Weights -----------------------------------------------------------------------------------------


def losses_with(weight):
    module = build(loss_weight=weight).train()
    found = module.loss(maps(), samples(TASKS, TASKS), (32, 48))
    return {task: {k: float(v) for k, v in group.items()} for task, group in found.items()}


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (0.25, {"semseg": 0.25, "depth": 0.25, "normal": 0.25}),
        ({"depth": 3.0, "_scope_": "mmaux"}, {"semseg": 1, "depth": 3, "normal": 1}),
    ],
)
def test_loss_weights(weight, expected):
    plain, weighted = losses_with(1.0), losses_with(weight)
    for task, factor in expected.items():
        for name, value in plain[task].items():
            wanted = value * factor if "loss" in name else value
            assert weighted[task][name] == pytest.approx(wanted, rel=1e-6), (task, name)
    assert "acc_seg" in weighted["semseg"]


def test_the_loss_is_the_main_heads_kind():
    config = heads("depth")
    config["depth"]["loss"] = {"type": "mmaux.MaskedL1Loss"}
    module = build(heads=config).train()
    data, shared = samples(("depth",), ("depth",)), maps()
    value = module.eval().loss(shared, data, (32, 48))["depth"]["loss_l1"]
    head = module.heads["depth"]
    weight, bias = head.decoder.conv_seg.weight, head.decoder.conv_seg.bias
    raw = F.conv2d(module(shared)["depth"], weight, bias)
    raw = F.interpolate(raw, (32, 48), mode="bilinear")
    target = torch.stack([s.gt_depth_map.data for s in data])
    assert value.item() == pytest.approx((raw - target).abs().mean().item(), rel=1e-5)


def test_auxiliary_heads_have_their_own_decoder():
    module = build(decoder={"num_convs": 1, "channels": 12})
    assert module.heads["semseg"].decoder.convs[0].conv.out_channels == 12
    assert module.heads["semseg"].decoder.conv_seg.out_channels == CLASSES
    one = build()
    assert sum(p.numel() for p in one.heads["depth"].parameters()) == 16 + 1
    other = build("depth", decoder={"type": "mmseg.PSPHead", "pool_scales": (1,)})
    assert type(other.heads["depth"].decoder).__name__ == "PSPHead"
    assert other.heads["depth"].decoder.in_channels == 16


# Mistakes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"taps": ("backbone.0", "stem.1", "backbone.2", "backbone.3")}, "holds 'stem.1'"),
        ({"taps": ("backbone.0", "backbone", "backbone.2", "backbone.3")}, "holds 'backbone'"),
        ({"taps": ("backbone.-1",) * 4}, r"holds 'backbone\.-1'"),
        ({"in_channels": (8, 8)}, "in_channels has 2 entries for 4 taps"),
        ({"align_to": 4}, "align_to is the index of a tap, found 4"),
        ({"align_to": -1}, "align_to is the index of a tap, found -1"),
        ({"loss_weight": {"dept": 2}}, r"loss_weight names \['dept'\]; its tasks are"),
        ({"architecture": {"tasks": ("normals",)}}, r"'normals'.*Did you mean 'normal'\?"),
        ({"architecture": SEARCHED, "inputs": 2}, "reads 4 feature maps, .* given 2 taps"),
    ],
)
def test_mistakes_are_explained(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_a_weight_for_a_task_without_a_chain_is_a_mistake():
    with pytest.raises(ValueError, match=r"loss_weight names \['semseg'\]"):
        build(architecture={"tasks": ("depth",)}, loss_weight={"semseg": 2.0})


@pytest.mark.parametrize(
    ("tap", "message"),
    [("backbone.4", r"backbone\.4, but the backbone gives 4"), ("neck.0", "the neck gives 0")],
)
def test_a_tap_that_the_network_does_not_have(tap, message):
    module = build("depth", taps=("backbone.0", tap), in_channels=(8, 8))
    with pytest.raises(ValueError, match=message):
        module(maps())


def test_channels_that_the_maps_do_not_have():
    found = [feature.shape[1] for feature in maps()["backbone"]]
    module = build("depth", taps=("backbone.0", "backbone.1"), in_channels=(found[0], 256))
    message = rf"in_channels says 256 for backbone\.1, which has {found[1]}; .* have \[{found[0]}, "
    with pytest.raises(ValueError, match=message):
        module(maps())
