import math

import numpy as np
import pytest
import torch

from mmaux.models.losses import AngularNormalLoss, angle_between, angular_normal_loss


def normals(*vectors):
    return torch.tensor(vectors, dtype=torch.float32).T.reshape(1, 3, 1, -1)


def all_valid(pred):
    return torch.ones_like(pred[:, :1], dtype=torch.bool)


def test_hand_computed_value():
    # Same direction, orthogonal, opposite, 60 degrees; the last pixel is invalid.
    pred = normals((0, 0, -3), (2, 0, 0), (0, 5, 0), (0.5, 0, -(0.75**0.5)), (1, 0, 0))
    target = normals((0, 0, -1), (0, 1, 0), (0, -1, 0), (1, 0, 0), (0, 0, 0))
    mask = all_valid(pred)
    mask[..., -1] = False
    expected = (0 + math.pi / 2 + math.pi + math.pi / 3) / 4
    assert angular_normal_loss(pred, target, mask).item() == pytest.approx(expected, rel=1e-6)


def test_agrees_with_numpy_arccos():
    rng = np.random.default_rng(5)
    pred, target = rng.normal(size=(2, 2, 3, 6, 5))
    mask = rng.random((2, 1, 6, 5)) > 0.4
    p, t = (m.transpose(0, 2, 3, 1)[mask[:, 0]] for m in (pred, target))
    cosine = (p * t).sum(1) / np.linalg.norm(p, axis=1) / np.linalg.norm(t, axis=1)
    loss = angular_normal_loss(*map(torch.from_numpy, (pred, target, mask)))
    assert loss.item() == pytest.approx(np.arccos(cosine).mean(), rel=1e-9)


@pytest.mark.parametrize("angle", [1e-4, 1e-2, 1.0, math.pi - 1e-2, math.pi - 1e-4])
def test_small_and_large_angles_keep_their_digits(angle):
    a = normals((1, 0, 0))
    b = normals((math.cos(angle), math.sin(angle), 0))
    assert angle_between(a, b).item() == pytest.approx(angle, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_gradient_is_finite_at_0_and_180_degrees(sign):
    target = torch.nn.functional.normalize(torch.randn(1, 3, 8, 8), dim=1)
    pred = (sign * target).requires_grad_()
    loss = angular_normal_loss(pred, target, all_valid(pred))
    loss.backward()
    assert loss.item() == pytest.approx(0 if sign > 0 else math.pi, abs=1e-6)
    assert pred.grad.isfinite().all()
    assert pred.grad.abs().max() < 1


def test_zero_prediction_is_at_90_degrees_with_a_finite_gradient():
    pred = torch.zeros(1, 3, 1, 1, requires_grad=True)
    loss = AngularNormalLoss(eps=0.01)(pred, normals((0, 0, -1)), all_valid(pred))
    loss.backward()
    assert loss.item() == pytest.approx(math.pi / 2)
    torch.testing.assert_close(pred.grad.flatten(), torch.tensor([0.0, 0.0, 200.0]))


def test_zero_vectors_on_both_sides_give_no_nan():
    pred = torch.zeros(1, 3, 1, 1, requires_grad=True)
    loss = angular_normal_loss(pred, torch.zeros(1, 3, 1, 1), all_valid(pred))
    loss.backward()
    assert loss.isfinite()
    assert pred.grad.isfinite().all()


def test_needs_three_channels():
    pred = torch.rand(1, 1, 2, 2)
    with pytest.raises(ValueError, match="needs C = 3"):
        angular_normal_loss(pred, pred, all_valid(pred))


def test_bad_eps_is_refused():
    with pytest.raises(ValueError, match="eps is 0"):
        AngularNormalLoss(eps=0)
