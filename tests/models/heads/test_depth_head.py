import math

import pytest
import torch
from mmseg.structures import SegDataSample
from networks import decoder

from mmaux.models import DepthHead


def build(**changes):
    return DepthHead(decoder=decoder(), **changes)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("identity", [-2.0, 0.0, 3.0]),
        ("softplus", [math.log(1 + math.exp(x)) for x in (-2, 0, 3)]),
        ("exp", [math.exp(x) for x in (-2, 0, 3)]),
        ("sigmoid", [1 + 8 / (1 + math.exp(-x)) for x in (-2, 0, 3)]),
    ],
)
def test_activations(activation, expected):
    head = build(activation=activation, min_depth=1.0, max_depth=9.0)
    raw = torch.tensor([-2.0, 0.0, 3.0]).view(1, 1, 1, 3)
    torch.testing.assert_close(head.activate(raw).flatten(), torch.tensor(expected))
    if activation != "identity":
        assert head.activate(raw.half()).dtype == torch.float32


def test_exp_does_not_overflow():
    assert build(activation="exp").activate(torch.full((1, 1, 1, 1), 500.0)).isfinite().all()


def test_predictions_are_clamped():
    field = torch.tensor([[[-1.0, 0.2, 5.0, 50.0]]])
    prediction = build(min_depth=0.5, max_depth=10.0).to_prediction(field)
    assert prediction["pred_depth_map"].data.flatten().tolist() == [0.5, 0.5, 5.0, 10.0]


def test_only_depth_within_the_range_is_learnt():
    head = build(min_depth=0.5, max_depth=10.0)
    target = torch.tensor([0.0, 0.49, 0.5, 10.0, 10.1, math.nan, math.inf]).view(1, 1, 1, -1)
    mask = head.valid_mask(target).flatten().tolist()
    assert mask == [False, False, True, True, False, False, False]
    raw = torch.full((1, 1, 1, 7), 4.0, requires_grad=True)
    head.loss_by_map(raw, target)["loss_berhu"].backward()
    assert (raw.grad.flatten() != 0).tolist() == mask


def test_the_loss_is_taken_in_metres():
    head = build(activation="exp", loss={"type": "mmaux.MaskedL1Loss"})
    raw = torch.tensor([math.log(2.0), math.log(3.0)]).view(1, 1, 1, 2)
    target = torch.tensor([2.5, 1.0]).view(1, 1, 1, 2)
    assert head.loss_by_map(raw, target)["loss_l1"].item() == pytest.approx((0.5 + 2) / 2)


def test_restore_multiplies_by_the_depth_factor():
    head, field = build(), torch.full((1, 4, 6), 3.0)
    meta = {"ori_shape": (2, 3), "depth_factor": 2.0}
    assert torch.equal(head.restore(field, meta), torch.full((1, 2, 3), 6.0))
    meta.pop("depth_factor")
    assert torch.equal(head.restore(field, meta), torch.full((1, 2, 3), 3.0))


def test_merging_averages_metres():
    head, samples = build(), []
    for metres in (1.0, 2.0, 6.0):
        sample = SegDataSample()
        sample.set_data(head.to_prediction(torch.full((1, 2, 2), metres)))
        samples.append(sample)
    assert head.merge(samples)["pred_depth_map"].data.flatten().tolist() == [3.0] * 4


@pytest.mark.parametrize(
    "arguments",
    [
        {"activation": "relu"},
        {"min_depth": 0.0},
        {"min_depth": 5.0, "max_depth": 5.0},
    ],
)
def test_arguments_are_checked(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        build(**arguments)
