"""What every registered loss owes to its users, checked on all of them."""

import math

import pytest
import torch

from mmaux.models.losses import (
    AngularNormalLoss,
    BerHuLoss,
    CosineNormalLoss,
    MaskedL1Loss,
    SILogLoss,
)
from mmaux.registry import MODELS

LOSSES = {
    "BerHuLoss": (BerHuLoss, 1, "loss_berhu"),
    "MaskedL1Loss": (MaskedL1Loss, 1, "loss_l1"),
    "SILogLoss": (SILogLoss, 1, "loss_silog"),
    "CosineNormalLoss": (CosineNormalLoss, 3, "loss_cosine"),
    "AngularNormalLoss": (AngularNormalLoss, 3, "loss_angular"),
}
EVERY_LOSS = pytest.mark.parametrize("name", LOSSES)


def make(name, **kwargs):
    return LOSSES[name][0](**kwargs)


def maps(name, seed=0):
    """Positive prediction and target, about a third of the pixels invalid."""
    generator = torch.Generator().manual_seed(seed)
    shape = (2, LOSSES[name][1], 5, 7)
    pred = torch.rand(shape, generator=generator) * 4 + 0.5
    target = torch.rand(shape, generator=generator) * 4 + 0.5
    mask = torch.rand((2, 1, 5, 7), generator=generator) > 0.3
    return pred, target, mask


@EVERY_LOSS
def test_is_built_by_scope_and_named(name):
    loss = MODELS.build({"type": f"mmaux.{name}"})
    assert type(loss) is LOSSES[name][0]
    assert loss.loss_name == LOSSES[name][2]
    assert MODELS.build({"type": f"mmaux.{name}", "loss_name": "loss_x"}).loss_name == "loss_x"


@EVERY_LOSS
def test_misspelt_argument_is_refused(name):
    with pytest.raises(TypeError, match="loss_wieght"):
        make(name, loss_wieght=2.0)


@EVERY_LOSS
def test_perfect_prediction_costs_nothing_and_has_a_finite_gradient(name):
    _, target, mask = maps(name)
    pred = target.clone().requires_grad_()
    loss = make(name)(pred, target, mask)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert pred.grad.isfinite().all()
    assert pred.grad.abs().max() < 1


@EVERY_LOSS
@pytest.mark.parametrize("hole", [0.0, -1.0, math.inf, math.nan])
def test_no_valid_pixel_gives_zero_with_zero_gradient(name, hole):
    pred, target, mask = maps(name)
    pred = torch.full_like(pred, hole).requires_grad_()
    loss = make(name)(pred, target * 0, torch.zeros_like(mask))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(pred.grad, torch.zeros_like(pred))


@EVERY_LOSS
@pytest.mark.parametrize("hole", [0.0, 1e4, -math.inf, math.nan])
def test_invalid_pixels_change_neither_loss_nor_gradient(name, hole):
    pred, target, mask = maps(name)
    spoilt_pred = torch.where(mask, pred, hole).requires_grad_()
    spoilt_target = torch.where(mask, target, hole)
    pred.requires_grad_()
    clean, spoilt = make(name)(pred, target, mask), make(name)(spoilt_pred, spoilt_target, mask)
    clean.backward()
    spoilt.backward()
    assert spoilt.item() == clean.item() > 0
    assert torch.equal(spoilt_pred.grad, pred.grad)
    assert (pred.grad[~mask.expand_as(pred)] == 0).all()
    assert (pred.grad[mask.expand_as(pred)] != 0).any()


@EVERY_LOSS
def test_weight_is_a_factor(name):
    pred, target, mask = maps(name)
    single, triple = make(name)(pred, target, mask), make(name, loss_weight=3.0)(pred, target, mask)
    assert triple.item() == pytest.approx(3 * single.item())


@EVERY_LOSS
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_halves_are_computed_in_float32(name, dtype):
    pred, target, mask = maps(name)
    half = pred.to(dtype).requires_grad_()
    loss = make(name)(half, target, mask)
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.item() == make(name)(pred.to(dtype).float(), target, mask).item()
    assert half.grad.dtype == dtype
    assert half.grad.isfinite().all()


@EVERY_LOSS
def test_autocast_changes_nothing(name):
    pred, target, mask = maps(name)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = make(name)(pred, target, mask)
    assert loss.dtype == torch.float32
    assert loss.item() == make(name)(pred, target, mask).item()


@EVERY_LOSS
def test_autocast_is_off_inside(name, monkeypatch):
    pred, target, mask = maps(name)
    loss = make(name)
    seen = []

    def compute(*_):
        seen.append(torch.is_autocast_enabled("cpu"))
        return pred.sum()

    monkeypatch.setattr(loss, "compute", compute)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss(pred, target, mask)
    assert seen == [False]


@EVERY_LOSS
def test_shape_mismatch_names_both_shapes(name):
    pred, target, mask = maps(name)
    with pytest.raises(ValueError, match=r"5, 7\).*4, 7\)"):
        make(name)(pred, target[:, :, :4], mask)


@EVERY_LOSS
def test_gradient_agrees_with_finite_differences(name):
    # BerHu's threshold is a constant to autograd: its largest error is put where no input varies.
    pred, target, mask = (t[:1, :, :2, :3] for t in maps(name, seed=3))
    pred, target, mask = pred.double(), target.double(), mask.clone()
    mask[..., 0, 0] = True
    target[..., 0, 0], fixed = 9.0, pred.clone()
    pred = pred.detach().requires_grad_()
    free = torch.ones_like(mask)
    free[..., 0, 0] = False
    loss = make(name)
    assert torch.autograd.gradcheck(lambda p: loss(torch.where(free, p, fixed), target, mask), pred)
