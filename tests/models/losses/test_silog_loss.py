import math

import numpy as np
import pytest
import torch

from mmaux.models.losses import SILogLoss, silog_loss

ALL = torch.ones(1, 1, 1, 2, dtype=torch.bool)


def depth(*metres):
    return torch.tensor(metres, dtype=torch.float64).reshape(1, 1, 1, -1)


def test_hand_computed_value():
    # d = 1, 3: mean of squares 5, square of the mean 4; D = 5 - 0.5 * 4 = 3.
    pred, target = depth(math.e, math.e**3), depth(1, 1)
    assert silog_loss(pred, target, ALL, root=False).item() == pytest.approx(3)
    assert silog_loss(pred, target, ALL).item() == pytest.approx(math.sqrt(3), abs=2e-6)
    loss = SILogLoss(variance_focus=0.85)(pred, target, ALL)
    assert loss.item() == pytest.approx(math.sqrt(5 - 0.85 * 4), abs=2e-6)


def reference(pred, target, mask, focus):
    """Equation 4 of Eigen et al. as it stands."""
    d = [math.log(p) - math.log(t) for p, t, m in zip(pred, target, mask, strict=True) if m]
    n = len(d)
    return sum(x * x for x in d) / n - focus / n**2 * sum(d) ** 2


@pytest.mark.parametrize("focus", [0.0, 0.5, 0.85, 1.0])
@pytest.mark.parametrize("root", [False, True])
def test_agrees_with_a_loop(focus, root):
    rng = np.random.default_rng(3)
    pred, target = rng.uniform(0.3, 9, (2, 3, 1, 6, 5))
    mask = rng.random((3, 1, 6, 5)) > 0.4
    expected = reference(pred.ravel(), target.ravel(), mask.ravel(), focus)
    loss = SILogLoss(variance_focus=focus, root=root)(*map(torch.from_numpy, (pred, target, mask)))
    assert loss.item() == pytest.approx(math.sqrt(expected) if root else expected, abs=2e-6)


def test_focus_one_ignores_the_scale():
    target = depth(1.0, 5.0)
    assert silog_loss(target * 3, target, ALL, variance_focus=1.0).item() == pytest.approx(
        0, abs=1e-6
    )
    one_factor = silog_loss(target * 3, target, ALL, variance_focus=0.0)
    assert one_factor.item() == pytest.approx(math.log(3), abs=2e-6)


def test_small_depths_are_clamped():
    target = depth(1.0, 1.0)
    clamped = silog_loss(depth(-2.0, 0.0), target, ALL, eps=0.01)
    assert clamped.item() == silog_loss(depth(0.01, 0.01), target, ALL, eps=0.01).item()
    assert clamped.isfinite()


@pytest.mark.parametrize("size", [1e-3, 1e-5, 1e-7, 0.0])
def test_gradient_stays_bounded_towards_zero_error(size):
    pred = torch.tensor([1 + size, 1 - size]).reshape(1, 1, 1, 2).requires_grad_()
    silog_loss(pred, torch.ones(1, 1, 1, 2), ALL).backward()
    assert pred.grad.isfinite().all()
    assert pred.grad.abs().max() <= 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [({"variance_focus": 1.2}, r"variance_focus is 1\.2"), ({"eps": 0}, "eps is 0")],
)
def test_bad_settings_are_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        SILogLoss(**setting)
