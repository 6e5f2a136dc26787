import math

import pytest
import torch

from mmaux.models.losses import masked_mean


def test_hand_computed_value():
    values = torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(1, 1, 2, 2)
    mask = torch.tensor([True, False, True, True]).reshape(1, 1, 2, 2)
    assert masked_mean(values, mask).item() == pytest.approx(8 / 3)


def test_every_channel_of_a_valid_pixel_counts():
    values = torch.tensor([1.0, 10.0, 3.0, 20.0]).reshape(1, 2, 1, 2)
    mask = torch.tensor([True, False]).reshape(1, 1, 1, 2)
    assert masked_mean(values, mask).item() == pytest.approx((1 + 3) / 2)


@pytest.mark.parametrize("hole", [math.inf, -math.inf, math.nan])
def test_invalid_pixels_reach_neither_value_nor_gradient(hole):
    values = torch.tensor([1.0, hole, 5.0]).reshape(1, 1, 1, 3).requires_grad_()
    mask = torch.tensor([True, False, True]).reshape(1, 1, 1, 3)
    mean = masked_mean(values, mask)
    mean.backward()
    assert mean.item() == 3.0
    assert values.grad.flatten().tolist() == [0.5, 0.0, 0.5]


def test_nothing_valid_is_zero_with_a_graph():
    values = torch.full((2, 1, 3, 3), math.nan, requires_grad=True)
    mean = masked_mean(values, torch.zeros(2, 1, 3, 3, dtype=torch.bool))
    mean.backward()
    assert mean.item() == 0
    assert torch.equal(values.grad, torch.zeros(2, 1, 3, 3))
