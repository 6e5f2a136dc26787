"""How fast a search is, and how long it will take."""

import time
from dataclasses import dataclass, field


@dataclass
class SearchRate:
    """Counts evaluations since a search went on.

    Attributes:
        done: Evaluations since then.
    """

    done: int = 0
    _start: float = field(default_factory=lambda: time.monotonic())

    def per_hour(self) -> float | None:
        """Evaluations an hour; None before the first has ended."""
        seconds = time.monotonic() - self._start
        return 3600 * self.done / seconds if self.done and seconds > 0 else None

    def seconds_left(self, missing: int) -> float | None:
        """Time for so many more at the pace so far."""
        rate = self.per_hour()
        return None if rate is None else 3600 * missing / rate
