"""Whether a training curve has flattened."""

import numpy as np

from .scalars import Series

FLAT_PERCENT = 5.0
"""Below this change over the last tenth a curve counts as flat."""


def late_change(loss: Series, *, share: float = 0.1) -> float:
    """Change of a loss over the last part of training, in percent of its mean there.

    The change is the slope of the straight line of least squares through the logged values, times
    the length of that part: two single values would mostly differ by the noise of their batches.
    Negative where the loss still falls.

    Args:
        loss: The logged training loss.
        share: The part of the iterations, counted from the end.

    Returns:
        NaN if fewer than three values are logged there, or their mean is zero.
    """
    if not loss.steps:
        return float("nan")
    steps, values = np.array(loss.steps, dtype=float), np.array(loss.values)
    length = share * steps[-1]
    late = steps > steps[-1] - length
    if late.sum() < 3 or values[late].mean() == 0:
        return float("nan")
    slope = np.polyfit(steps[late] - steps[-1], values[late], 1)[0]
    return float(100 * slope * length / abs(values[late].mean()))
