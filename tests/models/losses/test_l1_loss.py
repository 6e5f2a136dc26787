import numpy as np
import pytest
import torch

from mmaux.models.losses import MaskedL1Loss, l1_loss


def test_hand_computed_value():
    pred = torch.tensor([1.0, 2.0, 7.0]).reshape(1, 1, 1, 3)
    target = torch.tensor([2.0, 4.5, 0.0]).reshape(1, 1, 1, 3)
    mask = torch.tensor([True, True, False]).reshape(1, 1, 1, 3)
    assert l1_loss(pred, target, mask).item() == pytest.approx((1 + 2.5) / 2)
    assert MaskedL1Loss()(pred, target, mask).item() == pytest.approx(1.75)


def test_agrees_with_numpy_on_three_channels():
    rng = np.random.default_rng(2)
    pred, target = rng.normal(size=(2, 2, 3, 6, 5))
    mask = rng.random((2, 1, 6, 5)) > 0.4
    errors = np.abs(pred - target).transpose(0, 2, 3, 1)[mask[:, 0]]
    loss = l1_loss(*map(torch.from_numpy, (pred, target, mask)))
    assert loss.item() == pytest.approx(errors.mean(), rel=1e-12)


def test_gradient_at_zero_error_is_zero():
    pred = torch.ones(1, 1, 2, 2, requires_grad=True)
    l1_loss(pred, torch.ones(1, 1, 2, 2), torch.ones(1, 1, 2, 2, dtype=torch.bool)).backward()
    assert torch.equal(pred.grad, torch.zeros(1, 1, 2, 2))
