"""Time of a call."""

from collections.abc import Callable
from typing import Any

from torch.utils.benchmark import timer


def seconds_per_call(function: Callable[[], Any], *, calls: int) -> float:
    """Mean wall-clock time of some calls in a row.

    The clock is that of ``torch.utils.benchmark.Timer``, which waits for the accelerator before it
    is read. (The Timer itself calls a function twice before it measures, which would make a step
    that takes seconds three times as long to measure; here rounds warm up.)

    Args:
        function: What to measure.
        calls: Number of calls.

    Raises:
        ValueError: No call is asked for.
    """
    if calls < 1:
        raise ValueError(f"calls is at least 1, found {calls}.")
    start = timer()
    for _ in range(calls):
        function()
    return (timer() - start) / calls
