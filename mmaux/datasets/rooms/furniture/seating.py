"""Sofas, armchairs and chairs."""

import numpy as np

from ..part import Part, moved, rotation_about_x, rotation_about_z
from ..shapes import box, cylinder, lathe, rounded_box
from ..theme import Theme, leather, metal
from .piece import Piece, Surface


def build_sofa(rng: np.random.Generator, theme: Theme, *, seats: int) -> Piece:
    """A sofa (``seats`` 2 or 3) or an armchair (1): base, back, arms, cushions, pillows."""
    label = "chair" if seats == 1 else "sofa"
    cover = leather(rng) if rng.uniform() < 0.25 else theme.textile(rng, patterned=0.15)
    seat_width = rng.uniform(0.55, 0.7)
    arm = rng.uniform(0.1, 0.24)
    depth = rng.uniform(0.8, 0.98)
    back = rng.uniform(0.16, 0.26)
    height = rng.uniform(0.72, 0.95)
    arm_height = rng.uniform(0.5, 0.66)
    foot = rng.uniform(0.04, 0.14)
    seat = rng.uniform(0.38, 0.46)
    width = seats * seat_width + 2 * arm
    soft = rng.uniform(0.03, 0.09)
    parts: list[Part] = []

    def block(size: tuple[float, float, float], at: tuple[float, float, float]) -> None:
        parts.append(rounded_box(size, at, label, cover, radius=soft))

    base = seat - 0.15 - foot
    parts.append(box((width - 0.04, depth - 0.06, base), (0, depth / 2, foot), label, cover))
    block((width - 2 * arm + 0.02, back, height - foot), (0, back / 2, foot))
    for side in (-1, 1):
        block((arm, depth, arm_height - foot), (side * (width - arm) / 2, depth / 2, foot))
    for i in range(seats):
        x = (i - (seats - 1) / 2) * seat_width
        block((seat_width - 0.01, depth - back, 0.17), (x, back + (depth - back) / 2, seat - 0.16))
        cushion = rounded_box(
            (seat_width - 0.02, 0.17, height - seat + rng.uniform(-0.05, 0.08)),
            (0, 0, 0),
            label,
            cover,
            radius=0.075,
        )
        parts += moved([cushion], (x, back + 0.08, seat), turn=rotation_about_x(0.14))
    feet = metal(rng) if rng.uniform() < 0.5 else theme.wood(rng)
    for sx in (-1, 1):
        for y in (0.07, depth - 0.07):
            foot_at = (sx * (width / 2 - 0.07), y, 0.0)
            parts.append(cylinder(0.025, foot, foot_at, label, feet, segments=8))
    places = np.linspace(-0.5, 0.5, seats + 1) * (width - 2 * arm - 0.45)
    for place in rng.permutation(places)[: int(rng.integers(0, seats + 2))]:
        x = float(place + rng.normal() * 0.03) if seats > 1 else float(rng.normal() * 0.04)
        parts += moved(
            build_pillow(rng, theme), (x, back + 0.24, seat), turn=rng.uniform(-0.5, 0.5)
        )
    return Piece(parts, width, depth, height)


def build_pillow(rng: np.random.Generator, theme: Theme) -> list[Part]:
    """A cushion leaning backwards, standing at the origin."""
    size = rng.uniform(0.32, 0.48)
    cover = theme.textile(rng, patterned=0.5)
    pillow = rounded_box(
        (size, 0.14, size * rng.uniform(0.75, 1)), (0, 0, 0), "objects", cover, radius=0.068
    )
    return moved([pillow], turn=rotation_about_x(rng.uniform(0.2, 0.5)))


def build_chair(rng: np.random.Generator, theme: Theme) -> Piece:
    """A dining chair with four legs, or an office chair with a column."""
    if rng.uniform() < 0.25:
        return _office_chair(rng, theme)
    frame = metal(rng) if rng.uniform() < 0.25 else theme.furniture(rng)
    width, depth = rng.uniform(0.4, 0.48), rng.uniform(0.4, 0.48)
    seat, height = rng.uniform(0.43, 0.47), rng.uniform(0.8, 1.02)
    leg = rng.uniform(0.025, 0.045)
    parts: list[Part] = []
    for sx in (-1, 1):
        x = sx * (width - leg) / 2
        parts.append(box((leg, leg, seat), (x, depth - leg / 2, 0), "chair", frame, taper=0.7))
        parts.append(box((leg, leg, seat), (x, leg / 2, 0), "chair", frame, taper=0.7))
    if rng.uniform() < 0.5:
        parts.append(box((width, depth, 0.03), (0, depth / 2, seat - 0.03), "chair", frame))
    else:
        cover = theme.textile(rng)
        parts.append(
            rounded_box(
                (width, depth, 0.07), (0, depth / 2, seat - 0.05), "chair", cover, radius=0.03
            )
        )
    rise = height - seat
    back: list[Part] = []
    style = rng.integers(4)
    for sx in (-1, 1):
        back.append(box((leg, leg * 0.8, rise), (sx * (width - leg) / 2, 0, 0), "chair", frame))
    if style == 0:
        back.append(box((width, 0.02, rise * 0.55), (0, 0, rise * 0.42), "chair", frame))
    elif style == 1:
        for z in np.linspace(0.3, 0.85, int(rng.integers(2, 5))):
            back.append(box((width - leg, 0.018, 0.05), (0, 0, rise * z), "chair", frame))
    elif style == 2:
        back.append(box((width, 0.022, 0.06), (0, 0, rise - 0.06), "chair", frame))
        for x in np.linspace(-0.35, 0.35, int(rng.integers(3, 6))):
            back.append(box((0.02, 0.015, rise - 0.04), (x * width, 0, 0), "chair", frame))
    else:
        cover = theme.textile(rng)
        back.append(
            rounded_box((width, 0.06, rise * 0.8), (0, 0, rise * 0.2), "chair", cover, radius=0.028)
        )
    lean = rng.uniform(0.05, 0.18)
    parts += moved(back, (0, leg / 2, seat - 0.01), turn=rotation_about_x(lean))
    surface = Surface(-width / 3, depth * 0.3, width / 3, depth * 0.9, seat)
    return Piece(parts, width, depth, height, [surface])


def _office_chair(rng: np.random.Generator, theme: Theme) -> Piece:
    cover = leather(rng) if rng.uniform() < 0.4 else theme.textile(rng, patterned=0.0)
    steel = metal(rng)
    width, depth, seat = 0.5, 0.5, rng.uniform(0.43, 0.52)
    parts: list[Part] = [
        cylinder(0.03, seat - 0.1, (0, depth / 2, 0.06), "chair", steel, segments=10),
        rounded_box((width, depth, 0.09), (0, depth / 2, seat - 0.08), "chair", cover, radius=0.04),
    ]
    for angle in np.arange(5) * (2 * np.pi / 5):
        foot = box((0.3, 0.045, 0.03), (0.15, 0, 0.05), "chair", steel)
        wheel = cylinder(0.03, 0.05, (0.29, 0, 0.0), "chair", steel, segments=8)
        parts += moved([foot, wheel], (0, depth / 2, 0), turn=float(angle))
    back_height = rng.uniform(0.45, 0.7)
    back = rounded_box(
        (width * 0.92, 0.08, back_height), (0, 0, 0.08), "chair", cover, radius=0.035
    )
    bar = box((0.06, 0.03, 0.2), (0, -0.02, -0.06), "chair", steel)
    parts += moved([back, bar], (0, 0.05, seat), turn=rotation_about_x(0.12))
    if rng.uniform() < 0.6:
        for sx in (-1, 1):
            x = sx * (width / 2 + 0.02)
            parts.append(box((0.05, 0.26, 0.03), (x, depth / 2, seat + 0.2), "chair", steel))
            parts.append(box((0.03, 0.04, 0.25), (x, depth / 2, seat - 0.05), "chair", steel))
    spun = moved(
        moved(parts, (0, -depth / 2, 0)),
        (0, depth / 2, 0),
        turn=rotation_about_z(rng.uniform(-1, 1)),
    )
    return Piece(spun, width + 0.1, depth + 0.1, seat + back_height)


def build_stool(rng: np.random.Generator, theme: Theme) -> Piece:
    """A round stool or a pouffe; labelled a chair."""
    if rng.uniform() < 0.5:
        radius, height = rng.uniform(0.2, 0.3), rng.uniform(0.3, 0.45)
        profile = [(0.0, 0.0), (radius * 0.9, 0.0), (radius, height * 0.3), (radius, height * 0.7)]
        profile += [(radius * 0.85, height), (0.0, height + 0.02)]
        parts = [lathe(profile, (0, radius, 0), "chair", theme.textile(rng), segments=20)]
        return Piece(parts, 2 * radius, 2 * radius, height)
    frame = theme.furniture(rng)
    radius, height = rng.uniform(0.15, 0.2), rng.uniform(0.42, 0.7)
    parts = [cylinder(radius, 0.04, (0, radius, height - 0.04), "chair", frame, segments=20)]
    for angle in np.arange(4) * (np.pi / 2) + 0.6:
        x, y = np.cos(angle) * radius * 0.75, np.sin(angle) * radius * 0.75 + radius
        parts.append(cylinder(0.017, height - 0.04, (x, y, 0), "chair", frame, segments=8))
    return Piece(parts, 2 * radius, 2 * radius, height)
