"""Depth errors of Eigen et al., as sums over pixels that can be added up over images."""

import torch
from torch import Tensor

DEPTH_ERRORS = ("abs_rel", "sq_rel", "rmse", "rmse_log", "log10", "d1", "d2", "d3")
"""Names and order of the errors; the first five fall with quality, d1, d2 and d3 rise."""

_EIGEN_SIZE = (480, 640)
_EIGEN_ROWS = slice(45, 471)
_EIGEN_COLUMNS = slice(41, 601)


def eigen_crop_mask(height: int, width: int) -> Tensor:
    """Mask (H, W) of the Eigen crop of NYUD-v2: rows 45 to 470, columns 41 to 600.

    Raises:
        ValueError: If the size is not 480x640, for which alone the crop is defined.
    """
    if (height, width) != _EIGEN_SIZE:
        raise ValueError(
            f"the Eigen crop is defined for 480x640 images, got {height}x{width}: "
            "set crop=None, or evaluate at the original size of NYUD-v2."
        )
    mask = torch.zeros(height, width, dtype=torch.bool)
    mask[_EIGEN_ROWS, _EIGEN_COLUMNS] = True
    return mask


def valid_depth_mask(target: Tensor, *, min_depth: float, max_depth: float) -> Tensor:
    """Pixels whose true depth lies strictly between ``min_depth`` and ``max_depth`` (metres).

    Both ends are excluded, as in the usual evaluation code: 0 means "no measurement", and a value
    at the upper end is a clipped one.
    """
    return (target > min_depth) & (target < max_depth)


def depth_error_sums(prediction: Tensor, target: Tensor) -> Tensor:
    """Sums over pixels of the terms of every error in :data:`DEPTH_ERRORS`.

    Args:
        prediction: Positive depths in metres, shape (P,): valid pixels only.
        target: True depths in metres, shape (P,), positive.

    Returns:
        float64 sums, shape (8,), of ``|d|/t``, ``d^2/t``, ``d^2``, ``log(p/t)^2``,
        ``|log10(p/t)|`` and the indicators ``max(p/t, t/p) < 1.25^k``, with ``d = p - t``.
    """
    prediction, target = prediction.double(), target.double()
    difference = prediction - target
    log_ratio = prediction.log() - target.log()
    ratio = torch.maximum(prediction / target, target / prediction)
    terms = [
        difference.abs() / target,
        difference.square() / target,
        difference.square(),
        log_ratio.square(),
        log_ratio.abs() / torch.log(log_ratio.new_tensor(10.0)),
        *[(ratio < 1.25**k).double() for k in (1, 2, 3)],
    ]
    return torch.stack([term.sum() for term in terms])


def depth_errors(sums: Tensor, num_pixels: Tensor | int) -> Tensor:
    """Errors in the order of :data:`DEPTH_ERRORS` from the sums of :func:`depth_error_sums`.

    Eigen et al., "Depth Map Prediction from a Single Image using a Multi-Scale Deep Network", 2014,
    section 4. RMSE in metres, RMSE-log with the natural logarithm, d1 to d3 as fractions.

    Args:
        sums: float64 sums, shape (8,), of one image or added over images.
        num_pixels: Number of pixels in the sums; zero gives NaN.

    Returns:
        float64 errors, shape (8,).
    """
    errors = sums / num_pixels
    root = [DEPTH_ERRORS.index("rmse"), DEPTH_ERRORS.index("rmse_log")]
    errors[root] = errors[root].sqrt()
    return errors
