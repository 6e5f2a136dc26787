"""Measuring several things side by side."""

from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")


def measure_in_rounds(
    measurements: Mapping[str, Callable[[], T]],
    *,
    rounds: int,
    warmup: int = 1,
    advance: Callable[[], None] | None = None,
) -> dict[str, tuple[T, ...]]:
    """Take each measurement once a round, every other round in reverse order.

    What slows the machine down for longer than a round meets all of them alike, and a steady drift
    cancels between a round and the next.

    Args:
        measurements: Functions that measure, by name.
        rounds: How often each measures.
        warmup: Rounds before these, whose results are dropped.
        advance: Called after each measurement, ``(warmup + rounds) * len(measurements)`` times.

    Returns:
        Results of each by name, in the order of the rounds.

    Raises:
        ValueError: There is nothing to measure, or no round.
    """
    if not measurements or rounds < 1 or warmup < 0:
        raise ValueError(
            "measure_in_rounds needs measurements, rounds >= 1 and warmup >= 0; found "
            f"{list(measurements)}, {rounds} and {warmup}."
        )
    results: dict[str, list[T]] = {name: [] for name in measurements}
    for number in range(-warmup, rounds):
        order = list(measurements.items())
        for name, measure in order[::-1] if number % 2 else order:
            result = measure()
            if number >= 0:
                results[name].append(result)
            if advance is not None:
                advance()
    return {name: tuple(values) for name, values in results.items()}
