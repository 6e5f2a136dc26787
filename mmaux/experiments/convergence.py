"""Whether a training curve has flattened."""

import numpy as np

from .scalars import Series

FLAT_PERCENT = 5.0
"""Below this change over the last tenth a curve counts as flat."""


def late_change(loss: Series, *, share: float = 0.1) -> float:
    """Change of a loss over the last part of training, in percent.

    The mean of the logged values in that part against the mean in the part of equal length before
    it. Single values, or a line through the last part, would mostly show the noise of the batches.
    Negative where the loss still falls.

    Args:
        loss: The logged training loss.
        share: The part of the iterations, counted from the end.

    Returns:
        NaN if fewer than three values are logged in one of the parts, or the first mean is zero.
    """
    if not loss.steps:
        return float("nan")
    steps, values = np.array(loss.steps), np.array(loss.values)
    age = (steps[-1] - steps) / steps[-1]
    late = values[age < share]
    before = values[(age >= share) & (age < 2 * share)]
    if min(len(late), len(before)) < 3 or before.mean() == 0:
        return float("nan")
    return float(100 * (late.mean() - before.mean()) / abs(before.mean()))
