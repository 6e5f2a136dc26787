"""One step of the set-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step of the set-up.

    Args:
        name: Name in the stamp.
        title: What the user reads.
        inputs: Returns what the step depends on; a change means that it is done again.
        run: Does it; gets the title of its progress line.
    """

    name: str
    title: str
    inputs: Callable[[], str]
    run: Callable[[str], None]
