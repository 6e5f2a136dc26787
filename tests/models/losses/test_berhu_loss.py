import numpy as np
import pytest
import torch

from mmaux.models.losses import BerHuLoss, berhu, berhu_loss, l1_loss


def test_hand_computed_value():
    # Errors 0.5, -1, 2, 10 and an invalid 100: c = 0.2 * 10 = 2; B = 0.5, 1, 2, (100 + 4) / 4 = 26.
    pred = torch.tensor([1.5, 1.0, 4.0, 11.0, 101.0]).reshape(1, 1, 1, 5)
    target = torch.tensor([1.0, 2.0, 2.0, 1.0, 1.0]).reshape(1, 1, 1, 5)
    mask = torch.tensor([True, True, True, True, False]).reshape(1, 1, 1, 5)
    assert berhu_loss(pred, target, mask).item() == pytest.approx((0.5 + 1 + 2 + 26) / 4)
    # c = 0.5 * 10 = 5: the last becomes (100 + 25) / 10 = 12.5.
    half = berhu_loss(pred, target, mask, threshold_ratio=0.5)
    assert half.item() == pytest.approx((0.5 + 1 + 2 + 12.5) / 4)
    assert BerHuLoss(threshold_ratio=0.5)(pred, target, mask).item() == half.item()


def test_threshold_comes_from_the_whole_batch():
    pred = torch.tensor([1.0, 10.0]).reshape(2, 1, 1, 1)
    mask = torch.ones(2, 1, 1, 1, dtype=torch.bool)
    # c = 2 for both images: 1 and 26. With a threshold an image it would be 2.6 and 26.
    assert berhu_loss(pred, torch.zeros_like(pred), mask).item() == pytest.approx((1 + 26) / 2)


def reference(pred, target, mask, ratio):
    errors = [abs(p - t) for p, t, m in zip(pred, target, mask, strict=True) if m]
    c = ratio * max(errors)
    return sum(e if e <= c else (e * e + c * c) / (2 * c) for e in errors) / len(errors)


@pytest.mark.parametrize("ratio", [0.1, 0.2, 0.7, 1.0])
def test_agrees_with_a_loop(ratio):
    rng = np.random.default_rng(1)
    pred, target = rng.normal(3, 2, (2, 3, 1, 6, 5))
    mask = rng.random((3, 1, 6, 5)) > 0.4
    expected = reference(pred.ravel(), target.ravel(), mask.ravel(), ratio)
    loss = berhu_loss(*map(torch.from_numpy, (pred, target, mask)), threshold_ratio=ratio)
    assert loss.item() == pytest.approx(expected, rel=1e-12)


def test_ratio_one_is_l1():
    pred, target = torch.rand(2, 2, 1, 4, 4).unbind()
    mask = torch.rand(2, 1, 4, 4) > 0.3
    one = berhu_loss(pred, target, mask, threshold_ratio=1.0)
    assert one.item() == pytest.approx(l1_loss(pred, target, mask).item())


def test_gradient_is_sign_then_error_over_threshold():
    pred = torch.tensor([0.5, -1.0, 3.0, 10.0]).reshape(1, 1, 1, 4).requires_grad_()
    mask = torch.ones(1, 1, 1, 4, dtype=torch.bool)
    berhu_loss(pred, torch.zeros_like(pred), mask).backward()
    expected = torch.tensor([1.0, -1.0, 3 / 2, 10 / 2]) / 4
    torch.testing.assert_close(pred.grad.flatten(), expected)


def test_norm_is_continuous_with_its_slope():
    threshold = torch.tensor(2.0, dtype=torch.float64)
    error = torch.tensor([2 - 1e-9, 2 + 1e-9], dtype=torch.float64, requires_grad=True)
    value = berhu(error, threshold)
    value.sum().backward()
    torch.testing.assert_close(value[0], value[1], atol=1e-8, rtol=0)
    torch.testing.assert_close(error.grad, torch.ones(2, dtype=torch.float64))


def test_norm_gradcheck():
    error = torch.tensor([-7.0, -3.0, -0.5, 0.5, 1.9, 2.1], dtype=torch.float64, requires_grad=True)
    threshold = torch.tensor(2.0, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda e: berhu(e, threshold), error)


@pytest.mark.parametrize("ratio", [0, -0.2, 1.5])
def test_bad_ratio_is_refused(ratio):
    with pytest.raises(ValueError, match=r"threshold_ratio is .*\(0, 1\]"):
        BerHuLoss(threshold_ratio=ratio)
