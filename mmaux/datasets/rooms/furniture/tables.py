"""Tables and desks."""

import numpy as np

from ..material import Material
from ..part import Part
from ..shapes import box, cylinder
from ..theme import Theme, metal, paint
from .piece import Piece, Surface


def build_table(
    rng: np.random.Generator, theme: Theme, *, width: float, depth: float, height: float
) -> Piece:
    """A table on four legs, two trestles, two panels or (round or small) one column."""
    top = theme.furniture(rng)
    legs = metal(rng) if rng.uniform() < 0.35 else top
    if rng.uniform() < 0.1:
        top = Material(
            "stone",
            ((0.85, 0.85, 0.83), (0.7, 0.7, 0.7), (0.4, 0.4, 0.42)),
            gloss=0.5,
            seed=rng.uniform(),
        )
    thick = rng.uniform(0.02, 0.05)
    label = "table"
    if rng.uniform() < 0.2 and width < 1.3:
        return _round_table(rng, top, legs, radius=min(width, 1.2) / 2, height=height)
    parts: list[Part] = [box((width, depth, thick), (0, depth / 2, height - thick), label, top)]
    under = height - thick
    inset = rng.uniform(0.03, 0.1)
    style = rng.integers(3)
    if style < 2:
        leg = rng.uniform(0.035, 0.08)
        for sx in (-1, 1):
            for y in (inset, depth - inset):
                at = (sx * (width / 2 - inset), y, 0.0)
                parts.append(box((leg, leg, under), at, label, legs, taper=rng.uniform(0.5, 1)))
        if style == 0:
            for y in (inset, depth - inset):
                rail = (width - 2 * inset, 0.02, 0.08)
                parts.append(box(rail, (0, y, under - 0.08), label, legs))
            for sx in (-1, 1):
                at = (sx * (width / 2 - inset), depth / 2, under - 0.08)
                parts.append(box((0.02, depth - 2 * inset, 0.08), at, label, legs))
    else:
        for sx in (-1, 1):
            at = (sx * (width / 2 - inset), depth / 2, 0.0)
            parts.append(box((0.035, depth - 0.06, under), at, label, legs))
    if height < 0.6 and rng.uniform() < 0.5:
        parts.append(box((width - 0.12, depth - 0.12, 0.02), (0, depth / 2, 0.14), label, top))
    margin = 0.04
    surface = Surface(-width / 2 + margin, margin, width / 2 - margin, depth - margin, height)
    return Piece(parts, width, depth, height, [surface])


def _round_table(
    rng: np.random.Generator, top: Material, legs: Material, *, radius: float, height: float
) -> Piece:
    at = (0.0, radius)
    parts = [
        cylinder(radius, 0.03, (*at, height - 0.03), "table", top, segments=28),
        cylinder(0.05, height - 0.05, (*at, 0.02), "table", legs, segments=12),
        cylinder(radius * 0.55, 0.03, (*at, 0.0), "table", legs, segments=20),
    ]
    half = radius * 0.65
    surface = Surface(-half, radius - half, half, radius + half, height)
    return Piece(parts, 2 * radius, 2 * radius, height, [surface])


def build_desk(rng: np.random.Generator, theme: Theme) -> Piece:
    """A desk with a chest of drawers on one side; the sitter is in front (+y)."""
    width, depth, height = rng.uniform(1.0, 1.6), rng.uniform(0.55, 0.75), rng.uniform(0.71, 0.76)
    wood = theme.furniture(rng)
    side = float(rng.choice([-1, 1]))
    chest = rng.uniform(0.35, 0.45)
    x = side * (width / 2 - chest / 2)
    knob = metal(rng)
    parts = [
        box((width, depth, 0.03), (0, depth / 2, height - 0.03), "table", wood),
        box((chest, depth - 0.04, height - 0.05), (x, depth / 2, 0.02), "table", wood),
        box(
            (0.03, depth - 0.04, height - 0.03),
            (-side * (width / 2 - 0.02), depth / 2, 0),
            "table",
            wood,
        ),
        box((width - 0.06, 0.02, 0.35), (0, 0.05, height - 0.4), "table", wood),
    ]
    front = paint(rng, theme.lacquer) if rng.uniform() < 0.3 else wood
    for i in range(3):
        each = (height - 0.1) / 3
        at = (x, depth - 0.015, 0.04 + i * each)
        parts.append(box((chest - 0.02, 0.02, each - 0.015), at, "table", front))
        parts.append(box((0.12, 0.015, 0.012), (x, depth, at[2] + each / 2), "table", knob))
    surface = Surface(-width / 2 + 0.05, 0.05, width / 2 - 0.05, depth - 0.05, height)
    return Piece(parts, width, depth, height, [surface])


def build_coffee_table(rng: np.random.Generator, theme: Theme) -> Piece:
    """A low table."""
    width, depth = rng.uniform(0.7, 1.25), rng.uniform(0.45, 0.7)
    return build_table(rng, theme, width=width, depth=depth, height=rng.uniform(0.36, 0.48))


def build_side_table(rng: np.random.Generator, theme: Theme) -> Piece:
    """A small table."""
    width = rng.uniform(0.4, 0.6)
    return build_table(rng, theme, width=width, depth=width, height=rng.uniform(0.48, 0.65))


def build_dining_table(rng: np.random.Generator, theme: Theme) -> Piece:
    """A table to eat at."""
    width, depth = rng.uniform(1.1, 1.9), rng.uniform(0.75, 0.95)
    return build_table(rng, theme, width=width, depth=depth, height=rng.uniform(0.72, 0.77))
