import numpy as np
import pytest
import torch

from mmaux.models.losses import CosineNormalLoss, cosine_normal_loss


def normals(*vectors):
    return torch.tensor(vectors, dtype=torch.float32).T.reshape(1, 3, 1, -1)


def all_valid(pred):
    return torch.ones_like(pred[:, :1], dtype=torch.bool)


def test_hand_computed_value():
    # Same direction, orthogonal, opposite, 60 degrees: 0, 1, 2, 0.5; the last pixel is invalid.
    pred = normals((0, 0, -3), (2, 0, 0), (0, 5, 0), (0.5, 0, -(0.75**0.5)), (1, 0, 0))
    target = normals((0, 0, -1), (0, 1, 0), (0, -1, 0), (1, 0, 0), (0, 0, 0))
    mask = all_valid(pred)
    mask[..., -1] = False
    assert cosine_normal_loss(pred, target, mask).item() == pytest.approx((0 + 1 + 2 + 0.5) / 4)


def test_agrees_with_numpy():
    rng = np.random.default_rng(4)
    pred, target = rng.normal(size=(2, 2, 3, 6, 5))
    mask = rng.random((2, 1, 6, 5)) > 0.4
    p, t = (m.transpose(0, 2, 3, 1)[mask[:, 0]] for m in (pred, target))
    cosines = [np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)) for a, b in zip(p, t)]  # noqa: B905
    loss = cosine_normal_loss(*map(torch.from_numpy, (pred, target, mask)))
    assert loss.item() == pytest.approx(1 - np.mean(cosines), rel=1e-12)


def test_length_of_the_prediction_does_not_count():
    pred, target = torch.randn(2, 1, 3, 4, 4).unbind()
    short, long = (cosine_normal_loss(pred * s, target, all_valid(pred)) for s in (0.1, 50.0))
    assert short.item() == pytest.approx(long.item(), abs=1e-6)


def test_zero_prediction_has_a_bounded_gradient_towards_the_target():
    pred = torch.zeros(1, 3, 1, 1, requires_grad=True)
    target = normals((0, 0, -1))
    loss = CosineNormalLoss(eps=0.01)(pred, target, all_valid(pred))
    loss.backward()
    assert loss.item() == 1
    torch.testing.assert_close(pred.grad.flatten(), torch.tensor([0.0, 0.0, 100.0]))


def test_needs_three_channels():
    pred = torch.rand(1, 1, 2, 2)
    with pytest.raises(ValueError, match="needs C = 3"):
        cosine_normal_loss(pred, pred, all_valid(pred))


def test_bad_eps_is_refused():
    with pytest.raises(ValueError, match="eps is 0"):
        CosineNormalLoss(eps=0)
