"""Shelves, chests, wardrobes and kitchens: all labelled ``furniture``."""

import numpy as np

from ..material import Material
from ..part import Part, moved
from ..shapes import box, cylinder
from ..theme import Theme, metal, paint
from .books import book_row
from .piece import Piece, Surface
from .things import build_thing

LABEL = "furniture"


def build_bookshelf(rng: np.random.Generator, theme: Theme) -> Piece:
    """Open shelves with books and things."""
    width, depth = rng.uniform(0.6, 1.3), rng.uniform(0.24, 0.36)
    height = rng.uniform(0.8, 2.15)
    wood = theme.furniture(rng)
    board = rng.uniform(0.018, 0.03)
    levels = max(2, round(height / rng.uniform(0.3, 0.4)))
    parts: list[Part] = []
    for sx in (-1, 1):
        parts.append(
            box((board, depth, height), (sx * (width - board) / 2, depth / 2, 0), LABEL, wood)
        )
    if rng.uniform() < 0.8:
        parts.append(box((width, 0.01, height), (0, 0.005, 0), LABEL, wood))
    pitch = (height - board - 0.05) / levels
    inner = width - 2 * board
    filling = rng.uniform(0.45, 1.0)
    for level in range(levels + 1):
        z = 0.05 + level * pitch
        parts.append(box((inner, depth, board), (0, depth / 2, z), LABEL, wood))
        if level < levels:
            parts += _fill(rng, theme, inner, depth, z + board, pitch - board, filling)
    surface = Surface(-width / 2 + 0.03, 0.03, width / 2 - 0.03, depth - 0.03, height)
    return Piece(parts, width, depth, height, [surface] if height < 1.5 else [])


def _fill(
    rng: np.random.Generator,
    theme: Theme,
    width: float,
    depth: float,
    z: float,
    room: float,
    filling: float,
) -> list[Part]:
    """One board: books from the left, then perhaps a thing, then perhaps books again."""
    parts: list[Part] = []
    if rng.uniform() > filling:
        if rng.uniform() < 0.6:
            thing, radius = build_thing(rng, theme, max_height=room - 0.03, max_radius=depth * 0.4)
            x = rng.uniform(-0.5, 0.5) * max(width - 2 * radius, 0)
            parts += moved(thing, (x, depth / 2, z))
        return parts
    share = rng.uniform(0.35, 1.0)
    parts += book_row(rng, width=width * share - 0.01, depth=depth, room=room, at=(-width / 2, z))
    rest = width * (1 - share)
    if rest > 0.15 and rng.uniform() < 0.7:
        radius = min(rest / 2 - 0.01, depth * 0.45)
        thing, radius = build_thing(rng, theme, max_height=room - 0.03, max_radius=radius)
        parts += moved(thing, (width / 2 - rest / 2, depth / 2, z))
    return parts


def _fronts(
    rng: np.random.Generator,
    front: Material,
    *,
    x: tuple[float, float],
    z: tuple[float, float],
    y: float,
    columns: int,
    rows: int,
) -> list[Part]:
    """Doors or drawers with gaps and handles on the plane ``y``."""
    handle = metal(rng)
    upright = rng.uniform() < 0.5 and rows == 1
    parts: list[Part] = []
    w, h = (x[1] - x[0]) / columns, (z[1] - z[0]) / rows
    for column in range(columns):
        for row in range(rows):
            cx, z0 = x[0] + (column + 0.5) * w, z[0] + row * h
            parts.append(box((w - 0.008, 0.02, h - 0.008), (cx, y, z0 + 0.004), LABEL, front))
            if upright:
                side = 1 if column % 2 == 0 else -1
                at = (cx + side * (w / 2 - 0.04), y + 0.02, z0 + h / 2 - 0.07)
                parts.append(box((0.014, 0.02, 0.14), at, LABEL, handle))
            else:
                at = (cx, y + 0.02, z0 + h * (0.5 if rows > 1 else 0.85))
                parts.append(box((min(0.14, w * 0.4), 0.02, 0.014), at, LABEL, handle))
    return parts


def build_chest(
    rng: np.random.Generator,
    theme: Theme,
    *,
    width: float,
    depth: float,
    height: float,
    columns: int,
    rows: int,
) -> Piece:
    """A body on feet or a plinth with a grid of drawers or doors."""
    body = theme.furniture(rng)
    front = body if rng.uniform() < 0.6 else paint(rng, theme.lacquer, gloss=0.1)
    foot = rng.choice([0.05, 0.12])
    parts: list[Part] = []
    if foot > 0.1:
        for sx in (-1, 1):
            for y in (0.05, depth - 0.06):
                at = (sx * (width / 2 - 0.05), y, 0.0)
                parts.append(box((0.04, 0.04, foot), at, LABEL, body, taper=0.6))
    else:
        parts.append(box((width - 0.06, depth - 0.08, foot), (0, depth / 2 - 0.01, 0), LABEL, body))
    parts.append(
        box((width, depth - 0.02, height - foot), (0, depth / 2 - 0.01, foot), LABEL, body)
    )
    parts.append(box((width + 0.02, depth, 0.025), (0, depth / 2, height - 0.025), LABEL, body))
    parts += _fronts(
        rng,
        front,
        x=(-width / 2 + 0.02, width / 2 - 0.02),
        z=(foot + 0.02, height - 0.04),
        y=depth - 0.02,
        columns=columns,
        rows=rows,
    )
    surface = Surface(-width / 2 + 0.04, 0.04, width / 2 - 0.04, depth - 0.04, height)
    return Piece(parts, width + 0.02, depth + 0.02, height, [surface] if height < 1.5 else [])


def build_dresser(rng: np.random.Generator, theme: Theme) -> Piece:
    """A chest of drawers."""
    return build_chest(
        rng,
        theme,
        width=rng.uniform(0.7, 1.5),
        depth=rng.uniform(0.4, 0.5),
        height=rng.uniform(0.7, 1.1),
        columns=int(rng.integers(1, 4)),
        rows=int(rng.integers(2, 5)),
    )


def build_wardrobe(rng: np.random.Generator, theme: Theme) -> Piece:
    """A tall cupboard with doors."""
    columns = int(rng.integers(2, 4))
    return build_chest(
        rng,
        theme,
        width=columns * rng.uniform(0.42, 0.55),
        depth=rng.uniform(0.5, 0.62),
        height=rng.uniform(1.75, 2.15),
        columns=columns,
        rows=1,
    )


def build_nightstand(rng: np.random.Generator, theme: Theme) -> Piece:
    """A small chest beside a bed."""
    return build_chest(
        rng,
        theme,
        width=rng.uniform(0.38, 0.52),
        depth=rng.uniform(0.35, 0.42),
        height=rng.uniform(0.45, 0.6),
        columns=1,
        rows=int(rng.integers(1, 4)),
    )


def build_low_board(rng: np.random.Generator, theme: Theme) -> Piece:
    """A low board, as television sets stand on."""
    return build_chest(
        rng,
        theme,
        width=rng.uniform(1.0, 1.8),
        depth=rng.uniform(0.38, 0.48),
        height=rng.uniform(0.4, 0.65),
        columns=int(rng.integers(2, 5)),
        rows=int(rng.integers(1, 3)),
    )


def build_kitchen(rng: np.random.Generator, theme: Theme) -> Piece:
    """A row of counters with wall cupboards, a sink, a refrigerator."""
    units = int(rng.integers(3, 5))
    width, depth, height = units * 0.6, 0.62, rng.uniform(0.86, 0.93)
    front = theme.furniture(rng)
    top = Material(
        "stone",
        ((0.3, 0.3, 0.31), (0.2, 0.2, 0.21), (0.6, 0.6, 0.6))
        if rng.uniform() < 0.5
        else ((0.82, 0.8, 0.77), (0.7, 0.68, 0.65), (0.5, 0.5, 0.5)),
        gloss=0.4,
        seed=rng.uniform(),
    )
    steel = metal(rng)
    parts = [
        box((width, depth - 0.08, 0.1), (0, depth / 2 - 0.04, 0), LABEL, top),
        box((width, depth - 0.03, height - 0.14), (0, depth / 2 - 0.01, 0.1), LABEL, front),
        box((width, depth, 0.04), (0, depth / 2, height - 0.04), LABEL, top),
    ]
    x = (-width / 2, width / 2)
    parts += _fronts(
        rng,
        front,
        x=x,
        z=(0.11, height - 0.05),
        y=depth - 0.02,
        columns=units,
        rows=int(rng.integers(1, 3)),
    )
    if rng.uniform() < 0.75:
        bottom, tall = rng.uniform(1.38, 1.5), rng.uniform(0.5, 0.7)
        parts.append(box((width, 0.33, tall), (0, 0.165, bottom), LABEL, front))
        parts += _fronts(rng, front, x=x, z=(bottom, bottom + tall), y=0.34, columns=units, rows=1)
    sink = rng.uniform(-0.3, 0.3) * width
    parts.append(cylinder(0.015, 0.25, (sink, 0.1, height), "objects", steel, segments=10))
    parts.append(box((0.02, 0.16, 0.02), (sink, 0.17, height + 0.24), "objects", steel))
    parts.append(box((0.5, 0.4, 0.006), (sink, 0.3, height), "objects", steel))
    tall_fridge = rng.uniform(1.5, 1.95)
    side = float(rng.choice([-1, 1]))
    white = paint(rng, (0.9, 0.9, 0.9) if rng.uniform() < 0.6 else (0.6, 0.61, 0.62), gloss=0.35)
    cx = side * (width / 2 + 0.32)
    parts.append(box((0.6, 0.6, tall_fridge), (cx, 0.3, 0.0), LABEL, white))
    parts.append(
        box((0.59, 0.05, tall_fridge * 0.35), (cx, 0.625, tall_fridge * 0.63), LABEL, white)
    )
    parts.append(box((0.59, 0.05, tall_fridge * 0.59), (cx, 0.625, 0.03), LABEL, white))
    parts.append(box((0.02, 0.03, 0.4), (cx - side * 0.25, 0.66, tall_fridge * 0.68), LABEL, steel))
    parts.append(box((0.02, 0.03, 0.4), (cx - side * 0.25, 0.66, tall_fridge * 0.35), LABEL, steel))
    parts = moved(parts, (-side * 0.31, 0, 0))
    surface = Surface(-width / 2 - side * 0.31, 0.08, width / 2 - side * 0.31, depth - 0.08, height)
    return Piece(parts, width + 0.64, 0.67, 2.1, [surface])
