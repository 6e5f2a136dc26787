"""Ways for lines past the cells of a drawing."""

from collections.abc import Mapping, Sequence

Interval = tuple[float, float]

_STEP = 0.17


class DrawingLanes:
    """Finds a height for each line in each column of cells that it passes.

    Args:
        blocked: Intervals of heights that cells take, by column.
        bounds: Lowest and highest height of a line.
    """

    def __init__(self, blocked: Mapping[int, Sequence[Interval]], bounds: Interval) -> None:
        self._taken: dict[int, list[Interval]] = {c: list(cells) for c, cells in blocked.items()}
        low, high = bounds
        self._heights = [low + _STEP * i for i in range(int((high - low) / _STEP) + 1)]

    def take(self, column: int, wish: float) -> float:
        """The free height nearest to a wish, which is then taken; the wish if none is free."""
        taken = self._taken.setdefault(column, [])
        free = [y for y in self._heights if not any(low < y < high for low, high in taken)]
        height = min(free, key=lambda y: abs(y - wish), default=wish)
        taken.append((height - 0.9 * _STEP, height + 0.9 * _STEP))
        return height
