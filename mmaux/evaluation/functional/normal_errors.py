"""Angles between surface normals, and their median from a histogram."""

import torch
from torch import Tensor


def normal_angles(prediction: Tensor, target: Tensor) -> Tensor:
    """Angle in degrees between vectors, ``atan2(|p x t|, p . t)``.

    Exact to rounding at every angle, also near 0 and 180 degrees where ``acos(p . t)`` loses half
    of its digits. The lengths of the vectors do not matter. A zero prediction points nowhere and
    counts as 90 degrees (``atan2(0, 0)`` alone would call it perfect).

    Args:
        prediction: Vectors, shape (3, P).
        target: Non-zero vectors, shape (3, P): valid pixels only.

    Returns:
        float64 angles in degrees in [0, 180], shape (P,).
    """
    prediction, target = prediction.double(), target.double()
    cross = torch.linalg.cross(prediction, target, dim=0).norm(dim=0)
    angles = torch.rad2deg(torch.atan2(cross, (prediction * target).sum(dim=0)))
    return torch.where((prediction == 0).all(dim=0), 90.0, angles)


def median_from_histogram(histogram: Tensor, *, bin_width: float) -> float:
    """Median of values that were counted in bins centred at multiples of ``bin_width``.

    Args:
        histogram: int64 counts, shape (B,); bin i holds the values that round to ``i * bin_width``.
        bin_width: Distance of two bin centres.

    Returns:
        Mean of the two middle order statistics, as numpy's median, off by at most half a bin; NaN
        for an empty histogram.
    """
    total = int(histogram.sum())
    if total == 0:
        return float("nan")
    # Order statistics count from 1: the lower and upper middle ones (equal if the total is odd).
    middle = torch.tensor([(total + 1) // 2, total // 2 + 1], device=histogram.device)
    bins = torch.searchsorted(histogram.cumsum(dim=0), middle)
    return float(bins.double().mean()) * bin_width
