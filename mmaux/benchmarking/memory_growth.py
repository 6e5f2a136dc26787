"""Whether a process grows while it trains and evaluates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from scipy.stats import theilslopes

from .process_memory import resident_bytes


@dataclass(frozen=True)
class MemoryGrowth:
    """A line through memory over steps.

    Attributes:
        slope: Bytes a step: the median of the slopes between all pairs of readings (Theil-Sen),
            which a few jumps do not move.
        low: Lower end of the slope's 95 % confidence interval.
        high: Upper end.
        first: Bytes at the first reading that counts.
        last: Bytes at the last.
        largest: Largest reading that counts.
        steps: From the first to the last reading that counts.
    """

    slope: float
    low: float
    high: float
    first: int
    last: int
    largest: int
    steps: int

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def measure_growth(readings: Sequence[tuple[int, int]], *, warmup: float = 0.25) -> MemoryGrowth:
    """Fit readings after warm-up.

    Args:
        readings: (step, bytes) in the order of the steps.
        warmup: Share of the readings at the start that do not count: buffers fill, libraries load.

    Raises:
        ValueError: Less than three readings are left, or the share is out of range.
    """
    if not 0 <= warmup < 1:
        raise ValueError(f"warmup is a share from 0 to below 1, found {warmup}.")
    kept = readings[int(warmup * len(readings)) :]
    if len(kept) < 3:
        raise ValueError(
            f"a slope needs three readings after warm-up, found {len(kept)}; take more steps or "
            "read more often."
        )
    steps, sizes = zip(*kept, strict=True)
    slope, _, low, high = theilslopes(sizes, steps)
    return MemoryGrowth(
        slope=float(slope),
        low=float(low),
        high=float(high),
        first=sizes[0],
        last=sizes[-1],
        largest=max(sizes),
        steps=steps[-1] - steps[0],
    )


class MemoryReadingHook(Hook):
    """Reads the resident memory of the process and its children while a Runner works.

    Args:
        interval: Steps between readings.

    Attributes:
        training: (step, bytes) of training.
        evaluation: (batch, bytes) of the last evaluation.
    """

    priority = "LOWEST"

    def __init__(self, interval: int) -> None:
        if interval < 1:
            raise ValueError(f"interval is at least 1, found {interval}.")
        self.interval = interval
        self.training: list[tuple[int, int]] = []
        self.evaluation: list[tuple[int, int]] = []

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Read after each ``interval`` steps."""
        if self.every_n_train_iters(runner, self.interval):
            self.training.append((runner.iter + 1, resident_bytes()))

    def before_val(self, runner: Runner) -> None:
        """Start anew."""
        self.evaluation = []

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Read after each ``interval`` batches."""
        if self.every_n_inner_iters(batch_idx, self.interval):
            self.evaluation.append((batch_idx + 1, resident_bytes()))
