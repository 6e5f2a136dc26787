import pytest
import torch
import torch.nn.functional as F
from networks import CLASSES, batch, heads
from torch import Tensor, nn

from mmaux.models import DeepSupervision
from mmaux.registry import MODELS

CHANNELS = (8, 8, 24, 80)
SIZES = ((16, 24), (8, 12), (8, 12), (4, 6))
TASKS = ("semseg", "depth", "normal")
SIZE = (32, 48)


def build(**changes) -> DeepSupervision:
    torch.manual_seed(0)
    settings = {
        "type": "mmaux.DeepSupervision",
        "taps": [f"backbone.{i}" for i in range(4)],
        "in_channels": CHANNELS,
        "heads": heads(),
        **changes,
    }
    module = MODELS.build(settings)
    module.init_weights()
    return module


def maps(*, requires_grad: bool = False) -> dict[str, tuple[Tensor, ...]]:
    generator = torch.Generator().manual_seed(0)
    made = [
        torch.randn(2, c, *s, generator=generator) for c, s in zip(CHANNELS, SIZES, strict=True)
    ]
    return {"backbone": tuple(m.requires_grad_(requires_grad) for m in made)}


def samples(*tasks_of_samples):
    return batch(*tasks_of_samples, size=SIZE)["data_samples"]


def test_a_loss_for_each_tap_and_task():
    losses = build(tasks=("semseg", "depth")).loss(maps(), samples(TASKS, TASKS), SIZE)
    assert list(losses) == ["semseg", "depth"]
    assert list(losses["depth"]) == [f"backbone.{i}.loss_berhu" for i in range(4)]
    assert {name for name in losses["semseg"] if "loss" in name} == {
        f"backbone.{i}.loss_ce" for i in range(4)
    }


def test_each_is_a_tenth_of_the_loss_of_one_convolution_on_its_tap():
    module, shared, data = build(tasks=("semseg",)), maps(), samples(TASKS, TASKS)
    losses = module.loss(shared, data, SIZE)["semseg"]
    labels = torch.cat([s.gt_sem_seg.data for s in data])
    convolutions = [m for m in module.modules() if isinstance(m, nn.Conv2d)]
    assert [c.kernel_size for c in convolutions] == [(1, 1)] * 4
    for i, (feature, convolution) in enumerate(zip(shared["backbone"], convolutions, strict=True)):
        raw = F.conv2d(feature, convolution.weight, convolution.bias)
        raw = F.interpolate(raw, SIZE, mode="bilinear")
        expected = 0.1 * F.cross_entropy(raw, labels).item()
        assert losses[f"backbone.{i}.loss_ce"].item() == pytest.approx(expected, rel=1e-5)


def test_parameters_by_hand():
    module = build(tasks=("semseg", "depth"))
    expected = sum((c + 1) * (CLASSES + 1) for c in CHANNELS)
    assert sum(p.numel() for p in module.parameters()) == expected


def test_a_tap_gets_the_gradient_of_its_own_loss_only():
    shared = maps(requires_grad=True)
    losses = build(tasks=("depth",)).loss(shared, samples(TASKS, TASKS), SIZE)["depth"]
    losses["backbone.1.loss_berhu"].backward()
    assert [m.grad is not None for m in shared["backbone"]] == [False, True, False, False]


def test_weights_by_task_leave_the_others_at_a_tenth():
    data = samples(TASKS, TASKS)
    plain = build().loss(maps(), data, SIZE)
    weighted = build(loss_weight={"depth": 0.5}).loss(maps(), data, SIZE)
    for task, factor in (("semseg", 1.0), ("depth", 5.0), ("normal", 1.0)):
        for name, value in plain[task].items():
            if "loss" in name:
                expected = value.item() * factor
                assert weighted[task][name].item() == pytest.approx(expected, rel=1e-6)


def test_a_task_without_labels_adds_zero():
    losses = build().loss(maps(), samples(("depth",), ("depth",)), SIZE)
    assert all(v.item() == 0 for k, v in losses["semseg"].items() if "loss" in k)
    assert all(v.item() > 0 for v in losses["depth"].values())


def test_every_head_is_initialised():
    module = build(tasks=("normal",))
    biases = [head.decoder.conv_seg.bias for head in module.heads["normal"]]
    assert all(bias.tolist() == [0.0, 0.0, -1.0] for bias in biases)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tasks": ("normals",)}, r"'normals'.*Did you mean 'normal'\?"),
        ({"in_channels": (8, 8)}, "in_channels has 2 entries for 4 taps"),
        ({"taps": ("backbone.0", "stem", "backbone.2", "backbone.3")}, "holds 'stem'"),
        ({"tasks": ("depth",), "loss_weight": {"semseg": 1}}, r"loss_weight names \['semseg'\]"),
    ],
)
def test_mistakes_are_explained(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_a_tap_that_the_network_does_not_have():
    module = build(taps=("backbone.0", "neck.0", "backbone.2", "backbone.3"))
    with pytest.raises(ValueError, match="the neck gives 0"):
        module.loss(maps(), samples(TASKS, TASKS), SIZE)
