"""One line that says what runs, how far it is and for how long."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

Clock = Callable[[], float]

TERMINAL_INTERVAL = 0.2  # seconds between two drawings of the line on a terminal
LOG_INTERVAL = 30.0  # seconds between two lines where the output is a file or a pipe


def format_elapsed(seconds: float) -> str:
    """Seconds as a person reads them: ``4.2 s``, ``2 min 05 s``, ``1 h 02 min``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


class StepProgress:
    """Shows the progress of one step: redrawn on a terminal, a line every 30 s elsewhere.

    Args:
        title: What the step does, such as ``[2/6] torch and torchvision``.
        stream: Where to write; standard output if not given.
        clock: Returns seconds; replaced in tests.
    """

    def __init__(
        self, title: str, *, stream: TextIO | None = None, clock: Clock = time.monotonic
    ) -> None:
        self.title = title
        self.stream = stream or sys.stdout
        self.clock = clock
        self.started = clock()
        self.is_terminal = self.stream.isatty()
        self._next_line = self.started + (0.0 if self.is_terminal else LOG_INTERVAL)
        if not self.is_terminal:
            self._write(f"{title} ...\n")

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return self.clock() - self.started

    def update(self, detail: str = "") -> None:
        """Show where the step is, if enough time has gone by since it was last shown."""
        now = self.clock()
        if now < self._next_line:
            return
        line = f"{self.title}: {format_elapsed(self.elapsed)}"
        if detail:
            line += f", {detail}"
        if self.is_terminal:
            width = max(shutil.get_terminal_size().columns - 1, 20)
            self._write("\r" + line[:width].ljust(width))
            self._next_line = now + TERMINAL_INTERVAL
        else:
            self._write(line + "\n")
            self._next_line = now + LOG_INTERVAL

    def finish(self, outcome: str = "done") -> None:
        """Close the line with the outcome and the time that the step took."""
        line = f"{self.title}: {outcome} ({format_elapsed(self.elapsed)})"
        if self.is_terminal:
            width = max(shutil.get_terminal_size().columns - 1, 20)
            line = "\r" + line.ljust(width)
        self._write(line + "\n")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
