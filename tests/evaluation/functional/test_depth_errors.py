import math

import pytest
import torch

from mmaux.evaluation import (
    DEPTH_ERRORS,
    depth_error_sums,
    depth_errors,
    eigen_crop_mask,
    valid_depth_mask,
)


def test_sums_hand_computed():
    # (p, t) = (2, 1): d = 1, ratio 2 (above 1.25^3 = 1.953); (3, 4): d = -1, ratio 4/3 (d2).
    sums = depth_error_sums(torch.tensor([2.0, 3.0]), torch.tensor([1.0, 4.0]))
    expected = [
        1 + 1 / 4,
        1 + 1 / 4,
        1 + 1,
        math.log(2) ** 2 + math.log(4 / 3) ** 2,
        math.log10(2) + math.log10(4 / 3),
        0,
        1,
        1,
    ]
    assert sums.dtype == torch.float64
    assert sums.tolist() == pytest.approx(expected, rel=1e-12)


def test_errors_divide_and_take_roots():
    errors = depth_errors(torch.arange(1.0, 9.0).double(), 2)
    expected = [0.5, 1, math.sqrt(1.5), math.sqrt(2), 2.5, 3, 3.5, 4]
    assert errors.tolist() == pytest.approx(expected)
    assert len(DEPTH_ERRORS) == 8


def test_errors_leave_the_sums_alone_and_are_nan_without_pixels():
    sums = torch.zeros(8, dtype=torch.float64)
    assert depth_errors(sums, 0).isnan().all()
    assert (sums == 0).all()


def test_accuracy_thresholds_are_strict():
    # 1.25 is exact in binary.
    sums = depth_error_sums(torch.tensor([1.25]), torch.tensor([1.0]))
    assert sums[5:].tolist() == [0, 1, 1]


def test_valid_range_is_open():
    depth = torch.tensor([0.0, 0.5, 0.75, 10.0, math.inf, math.nan])
    mask = valid_depth_mask(depth, min_depth=0.5, max_depth=10.0)
    assert mask.tolist() == [False, False, True, False, False, False]


def test_eigen_crop():
    mask = eigen_crop_mask(480, 640)
    rows, columns = mask.any(1).nonzero().flatten(), mask.any(0).nonzero().flatten()
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (45, 470, 41, 600)
    assert mask.sum() == 426 * 560
    with pytest.raises(ValueError, match="480x640 images, got 640x480"):
        eigen_crop_mask(640, 480)
