"""What all heads have in common, on all of them."""

import pytest
import torch
import torch.nn.functional as F
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from networks import CLASSES, FIELDS, batch, heads

from mmaux.registry import MODELS

TASKS = ("semseg", "depth", "normal")
SIZE = (16, 24)


def build(task, **changes):
    torch.manual_seed(0)
    head = MODELS.build({**heads(task)[task], **changes})
    head.init_weights()
    # The probability of a large raw map: initial weights alone give nearly zero.
    torch.nn.init.normal_(head.decoder.conv_seg.weight, std=0.3)
    return head.eval()


def features(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(count, channels, 4, 6, generator=generator) for channels in (8, 8, 24, 80)]


def samples(*tasks_of_samples):
    return batch(*tasks_of_samples, size=SIZE)["data_samples"]


def truth(task, data_samples):
    return torch.stack([getattr(s, FIELDS[task]).data for s in data_samples])


def by_hand(task, head, maps, data_samples):
    """The default loss written out again."""
    raw = F.interpolate(head.decoder(maps), size=SIZE, mode="bilinear", align_corners=False)
    target = truth(task, data_samples)
    if task == "semseg":
        log_p = raw - raw.exp().sum(1, keepdim=True).log()
        valid = target != 255
        picked = log_p.gather(1, torch.where(valid, target, 0))
        return -picked[valid].mean()
    if task == "depth":
        valid = target > 0
        error = (raw - target)[valid].abs()
        c = 0.2 * error.max().detach()
        return torch.where(error <= c, error, (error**2 + c**2) / (2 * c)).mean()
    valid = target.abs().sum(1) > 0
    return (1 - F.cosine_similarity(raw, target, dim=1))[valid].mean()


def holes(task, data_samples):
    """Make a corner of each sample's ground truth invalid."""
    for each in data_samples:
        if FIELDS[task] in each:
            getattr(each, FIELDS[task]).data[:, :5, :7] = 255 if task == "semseg" else 0
    return data_samples


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("with_holes", [False, True])
def test_loss_against_the_formula(task, with_holes):
    head, maps, data = build(task), features(2), samples((task,), (task,))
    if with_holes:
        data = holes(task, data)
    losses = head.loss(maps, data, SIZE)
    (value,) = [v for k, v in losses.items() if "loss" in k]
    assert value.item() == pytest.approx(by_hand(task, head, maps, data).item(), rel=1e-5)
    assert value > 0.05


@pytest.mark.parametrize("task", TASKS)
def test_a_partial_batch_costs_what_its_labelled_part_costs(task):
    head, maps = build(task), features(3)
    data = holes(task, samples((task,), (), (task,)))
    part = head.loss([m[[0, 2]] for m in maps], [data[0], data[2]], SIZE)
    whole = head.loss(maps, data, SIZE)
    assert part.keys() == whole.keys()
    for name in part:
        assert whole[name].item() == pytest.approx(part[name].item(), rel=1e-5), name


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("how", ["absent", "all invalid"])
def test_nothing_labelled_costs_exactly_nothing(task, how):
    head, data = build(task), samples((task,), (task,))
    for each in data:
        if how == "absent":
            delattr(each, FIELDS[task])
        else:
            getattr(each, FIELDS[task]).data.fill_(255 if task == "semseg" else 0)
    maps = [m.requires_grad_() for m in features(2)]
    losses = head.train().loss(maps, data, SIZE)
    assert [k for k in losses if "loss" in k] == list(losses)
    (value,) = losses.values()
    assert value.item() == 0
    value.backward()
    for parameter in head.parameters():
        assert parameter.grad is not None
        assert (parameter.grad == 0).all()
    assert (maps[3].grad == 0).all()


@pytest.mark.parametrize("task", TASKS)
def test_several_losses_are_named_and_equal_names_are_summed(task):
    kind = {
        "semseg": "mmseg.CrossEntropyLoss",
        "depth": "mmaux.MaskedL1Loss",
        "normal": "mmaux.CosineNormalLoss",
    }[task]
    names = ("loss_a", "loss_b", "loss_a")
    loss = [
        {"type": kind, "loss_weight": weight, "loss_name": name}
        for weight, name in zip((1.0, 2.0, 3.0), names, strict=True)
    ]
    losses = build(task, loss=loss).loss(features(1), samples((task,)), SIZE)
    assert losses["loss_a"].item() == pytest.approx(2 * losses["loss_b"].item(), rel=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_gather_targets(task):
    head, data = build(task), samples((task,), ())
    like = torch.zeros(2, head.out_channels, *SIZE)
    gathered = head.gather_targets(data, like)
    assert torch.equal(gathered[0], getattr(data[0], FIELDS[task]).data)
    fill = 255 if task == "semseg" else 0
    assert (gathered[1] == fill).all()
    nothing = head.gather_targets([data[1], data[1]], like)
    assert nothing.shape == gathered.shape
    assert (nothing == fill).all()


# Restoring ---------------------------------------------------------------------------------------


def field_of(task, height, width):
    channels = {"semseg": CLASSES, "depth": 1, "normal": 3}[task]
    return torch.randn(channels, height, width, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("key", ["img_padding_size", "padding_size"])
def test_padding_is_removed(task, key):
    field = field_of(task, 10, 12)
    padded = F.pad(field, (1, 2, 3, 4), value=77.0)  # left, right, top, bottom
    restored = build(task).restore(padded, {"ori_shape": (10, 12), key: (1, 2, 3, 4)})
    assert torch.equal(restored, field)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("direction", "axes", "signs"),
    [
        ("horizontal", (2,), (-1, 1, 1)),
        ("vertical", (1,), (1, -1, 1)),
        ("diagonal", (1, 2), (-1, -1, 1)),
    ],
)
def test_flips_are_undone(task, direction, axes, signs):
    field = field_of(task, 10, 12)
    seen = field.flip(axes)
    if task == "normal":
        seen = seen * torch.tensor(signs)[:, None, None]
    meta = {"ori_shape": (10, 12), "flip": True, "flip_direction": direction}
    head = build(task)
    assert torch.equal(head.restore(seen, meta), field)
    assert torch.equal(head.restore(seen, {**meta, "flip": False}), seen)


@pytest.mark.parametrize("task", TASKS)
def test_padding_goes_before_the_flip(task):
    field = field_of(task, 4, 6)
    sign = torch.tensor([-1.0, 1, 1])[:, None, None] if task == "normal" else 1
    seen = F.pad(field.flip(2) * sign, (0, 5, 0, 0))
    meta = {
        "ori_shape": (4, 6),
        "flip": True,
        "flip_direction": "horizontal",
        "img_padding_size": (0, 5, 0, 0),
    }
    assert torch.equal(build(task).restore(seen, meta), field)


@pytest.mark.parametrize("task", TASKS)
def test_the_size_becomes_the_original_one(task):
    field = field_of(task, 5, 6)
    restored = build(task).restore(field, {"ori_shape": (10, 12, 3)})
    expected = F.interpolate(field[None], size=(10, 12), mode="bilinear", align_corners=False)[0]
    assert torch.equal(restored, expected)


@pytest.mark.parametrize("task", TASKS)
def test_merging_one_prediction_gives_it_back(task):
    head = build(task)
    field = head.activate(field_of(task, 6, 7)[None])[0]
    sample = SegDataSample()
    sample.set_data(head.to_prediction(field))
    merged = head.merge([sample])
    assert merged.keys() == set(sample.keys())
    for name, data in merged.items():
        expected = getattr(sample, name).data
        if name == "seg_logits":
            expected = expected.log_softmax(dim=0)
        torch.testing.assert_close(data.data, expected, rtol=1e-5, atol=1e-6)
        assert isinstance(data, PixelData)


def test_a_decoder_that_returns_several_maps_later_is_refused():
    head = build("depth")
    head.decoder.forward = lambda maps: (maps[3], maps[3])
    with pytest.raises(TypeError, match="FCNHead returned a tuple"):
        head(features(1))
