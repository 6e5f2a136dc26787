"""Books, standing, leaning and in stacks."""

import numpy as np

from ..material import Material
from ..part import Part, moved, rotation_about_y
from ..shapes import box
from ..theme import hsv, shade


def _cover(rng: np.random.Generator, height: float) -> Material:
    dull = rng.uniform() < 0.4
    main = hsv(rng.uniform(), rng.uniform(0.0, 0.25 if dull else 0.75), rng.uniform(0.12, 0.92))
    band = hsv(rng.uniform(), rng.uniform(0.1, 0.8), rng.uniform(0.3, 0.9))
    letters = (0.92, 0.9, 0.8) if sum(main) < 1.6 else shade(main, 0.3)
    return Material(
        "spine", (main, band, letters), scale=height, gloss=rng.uniform(0, 0.3), seed=rng.uniform()
    )


_PAPER = Material("plain", ((0.9, 0.87, 0.78), (0.75, 0.72, 0.62), (0.8, 0.8, 0.8)))


def book_row(
    rng: np.random.Generator,
    *,
    width: float,
    depth: float,
    room: float,
    at: tuple[float, float],
) -> list[Part]:
    """Books standing side by side from x = ``at[0]`` on a board at z = ``at[1]``.

    Args:
        rng: Chooses.
        width: What they may fill, metres.
        depth: Of the board; spines stand near its front.
        room: Height to the next board.
        at: (x, z) of the row's start.
    """
    x, z = at
    end = x + width
    parts: list[Part] = []
    tall = min(rng.uniform(0.2, 0.3), room - 0.03)
    front = depth - rng.uniform(0.01, 0.06)
    while True:
        thick = float(rng.uniform(0.015, 0.05))
        if x + thick > end or tall < 0.08:
            return parts
        height = tall * rng.uniform(0.75, 1.0)
        deep = min(height * 0.72, front - 0.01)
        size = (thick - 0.001, deep, height)
        book = box(size, (0, 0, 0), "books", _cover(rng, height))
        y = front - deep / 2 - rng.uniform(0, 0.015)
        if rng.uniform() < 0.04 and x + thick + 0.09 < end:
            lean = rng.uniform(0.1, 0.28)
            foot = x + thick / 2 + np.sin(lean) * height
            parts += moved([book], (foot, y, z + 0.002), turn=rotation_about_y(-lean))
            x = foot + thick / 2 + 0.01
            continue
        parts += moved([book], (x + thick / 2, y, z))
        x += thick
        if rng.uniform() < 0.03:
            x += rng.uniform(0.02, 0.1)


def book_stack(rng: np.random.Generator) -> tuple[list[Part], float]:
    """Books lying on each other at the origin, and the radius that they need."""
    parts: list[Part] = []
    z = 0.0
    for _ in range(int(rng.integers(1, 6))):
        long, thick = rng.uniform(0.2, 0.3), rng.uniform(0.015, 0.045)
        wide = long * rng.uniform(0.68, 0.8)
        cover = _cover(rng, float(wide))
        turn = rng.normal() * 0.25
        block = [
            box((long, wide, 0.003), (0, 0, 0), "books", cover),
            box((long - 0.008, wide - 0.006, thick - 0.006), (0, -0.003, 0.003), "books", _PAPER),
            box((long, wide, 0.003), (0, 0, thick - 0.003), "books", cover),
            box((long, 0.004, thick), (0, wide / 2, 0), "books", cover),
        ]
        parts += moved(block, (rng.normal() * 0.01, rng.normal() * 0.01, z), turn=turn)
        z += float(thick)
    return parts, 0.18
