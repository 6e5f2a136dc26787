"""What hangs on walls, and openings: pictures, windows with curtains, doors, screens, mirrors.

Parts start at the wall's plane y = 0 and face +y; x = 0 is the middle, z = 0 the lower edge.
"""

import numpy as np

from ..material import Material
from ..part import Part
from ..shapes import box, sheet
from ..theme import Theme, hsv, metal, paint
from .things import artwork


def build_picture(
    rng: np.random.Generator, theme: Theme, *, width: float, height: float
) -> list[Part]:
    """A framed picture, with or without a white margin."""
    rim = paint(rng, (0.08, 0.08, 0.08)) if rng.uniform() < 0.3 else theme.furniture(rng)
    edge, margin = rng.uniform(0.012, 0.05), rng.choice([0.0, 0.06])
    thick = rng.uniform(0.015, 0.035)
    inside = width - 2 * edge, height - 2 * edge
    parts: list[Part] = []
    for z in (0.0, height - edge):
        parts.append(box((width, thick, edge), (0, thick / 2, z), "picture", rim))
    for side in (-1, 1):
        at = (side * (width - edge) / 2, thick / 2, edge)
        parts.append(box((edge, thick, inside[1]), at, "picture", rim))
    mat = paint(rng, (0.93, 0.92, 0.88))
    parts.append(box((inside[0], 0.008, inside[1]), (0, 0.004, edge), "picture", mat))
    size = (inside[0] - 2 * margin, 0.004, inside[1] - 2 * margin)
    if min(size[0], size[2]) > 0.05:
        at = (0, 0.0095, edge + margin)
        parts.append(box(size, at, "picture", artwork(rng, min(size[0], size[2]))))
    return parts


def build_mirror(
    rng: np.random.Generator, theme: Theme, *, width: float, height: float
) -> list[Part]:
    """A mirror; what it shows is only a pale blur."""
    glass = Material(
        "outside",
        ((0.62, 0.66, 0.68), (0.5, 0.5, 0.48), (0.66, 0.64, 0.6)),
        gloss=1.0,
        seed=rng.uniform(),
        dark_to_infrared=True,
    )
    return [
        box((width, 0.02, height), (0, 0.01, 0), "objects", theme.furniture(rng)),
        box((width - 0.08, 0.006, height - 0.08), (0, 0.021, 0.04), "objects", glass),
    ]


def build_television(
    rng: np.random.Generator, *, width: float, stand: bool
) -> tuple[list[Part], float]:
    """A flat screen, on (sometimes) or off, hanging or on its foot; parts and height."""
    height = width * 0.58
    black = paint(rng, (0.03, 0.03, 0.035), gloss=0.5)
    if rng.uniform() < 0.3:
        hue = rng.uniform()
        colours = (hsv(hue, 0.6, 0.8), hsv(hue + 0.4, 0.7, 0.5), (0.9, 0.9, 0.9))
        panel = Material(
            "screen", colours, scale=height, emission=0.7, seed=rng.uniform(), dark_to_infrared=True
        )
    else:
        panel = Material("plain", ((0.02, 0.02, 0.025),) * 3, gloss=0.9, dark_to_infrared=True)
    z = 0.07 if stand else 0.0
    y = 0.1 if stand else 0.04
    parts = [
        box((width, 0.045, height), (0, y, z), "tv", black),
        box((width - 0.03, 0.004, height - 0.04), (0, y + 0.024, z + 0.025), "tv", panel),
    ]
    if stand:
        parts.append(box((0.06, 0.03, 0.08), (0, y - 0.01, 0), "tv", black))
        parts.append(box((width * 0.4, 0.2, 0.012), (0, y, 0), "tv", black))
    return parts, z + height


def build_window(
    rng: np.random.Generator,
    theme: Theme,
    *,
    width: float,
    height: float,
    recess: float,
    day: float,
) -> list[Part]:
    """Panes, frame and sill in an opening of the wall; panes lie ``recess`` behind the wall."""
    white = paint(rng, (0.92, 0.92, 0.9) if rng.uniform() < 0.75 else (0.35, 0.25, 0.18))
    sky = (0.75, 0.85, 1.0) if rng.uniform() < 0.6 else (0.9, 0.92, 0.95)
    green = hsv(rng.uniform(0.2, 0.4), 0.4, 0.3)
    wall = hsv(rng.uniform(0, 0.12), 0.35, 0.55)
    view = Material(
        "outside",
        (sky, green, wall),
        emission=day,
        seed=rng.uniform(),
        transmits=True,
        dark_to_infrared=True,
    )
    bar = rng.uniform(0.04, 0.07)
    pane = box((width, 0.01, height), (0, -recess + 0.005, 0), "window", view)
    parts = [pane]
    y = -recess + 0.035
    for z in (0.0, height - bar):
        parts.append(box((width, 0.05, bar), (0, y, z), "window", white))
    columns = int(rng.integers(1, 4)) if width < 1.6 else int(rng.integers(2, 5))
    for x in np.linspace(-width / 2 + bar / 2, width / 2 - bar / 2, columns + 1):
        parts.append(box((bar, 0.05, height - 2 * bar), (float(x), y, bar), "window", white))
    if rng.uniform() < 0.35:
        at = (0, y, height * rng.uniform(0.4, 0.75))
        parts.append(box((width - 2 * bar, 0.045, bar * 0.8), at, "window", white))
    parts.append(
        box((width + 0.1, recess + 0.06, 0.03), (0, 0.03 - recess / 2, -0.03), "window", white)
    )
    return parts


def build_blind(rng: np.random.Generator, *, width: float, height: float) -> list[Part]:
    """Horizontal slats in front of the upper part of a window."""
    colour = hsv(rng.uniform(0.05, 0.15), rng.uniform(0.0, 0.3), rng.uniform(0.6, 0.95))
    slat = paint(rng, colour)
    down = height * rng.uniform(0.25, 1.0)
    parts = [box((width, 0.05, 0.04), (0, 0.03, height - 0.04), "window", slat)]
    for z in np.arange(height - 0.06, height - down, -0.045):
        parts.append(box((width - 0.02, 0.03, 0.012), (0, 0.03, float(z)), "window", slat))
    return parts


def build_curtains(
    rng: np.random.Generator, theme: Theme, *, width: float, height: float, sill: float
) -> list[Part]:
    """Two folded curtains on a rod above an opening, drawn aside more or less."""
    cloth = theme.textile(rng, patterned=0.35)
    drop = height + 0.15 + (sill - 0.04 if rng.uniform() < 0.5 else 0.12)
    top = height + 0.15
    parts: list[Part] = []
    share = rng.uniform(0.18, 0.42)
    reach = width / 2 + 0.22
    for side in (-1, 1):
        wide = share * width + 0.15
        folds = max(3, round(wide / rng.uniform(0.07, 0.13)))
        depth, phase = rng.uniform(0.02, 0.045), rng.uniform(0, 6)

        def surface(
            u: np.ndarray,
            v: np.ndarray,
            side: int = side,
            wide: float = wide,
            folds: int = folds,
            depth: float = depth,
            phase: float = phase,
        ) -> np.ndarray:
            gather = 1 - 0.12 * np.sin(np.pi * u)
            x = side * (reach - v * wide * gather)
            swing = np.sin(v * folds * 2 * np.pi + phase + 0.5 * np.sin(3 * u))
            y = 0.09 + depth * swing * (0.6 + 0.4 * u)
            return np.stack([x, y, top - u * drop], axis=-1)

        parts.append(sheet(surface, "window", cloth, cells=(6, folds * 8)))
    rod = metal(rng)
    parts.append(box((2 * reach + 0.1, 0.025, 0.025), (0, 0.09, top - 0.005), "window", rod))
    return parts


def build_door(
    rng: np.random.Generator, theme: Theme, *, width: float, height: float
) -> list[Part]:
    """A closed door with frame, panels and handle; doors belong to the class ``wall``."""
    leaf = (
        theme.furniture(rng) if rng.uniform() < 0.5 else paint(rng, (0.9, 0.89, 0.86), gloss=0.15)
    )
    frame = leaf if rng.uniform() < 0.5 else paint(rng, (0.92, 0.92, 0.9))
    parts = [box((width - 0.14, 0.03, height - 0.07), (0, 0.0, 0), "wall", leaf)]
    for side in (-1, 1):
        parts.append(box((0.08, 0.05, height), (side * (width / 2 - 0.04), 0.02, 0), "wall", frame))
    parts.append(box((width, 0.05, 0.08), (0, 0.02, height - 0.08), "wall", frame))
    rows = int(rng.integers(0, 4))
    for row in range(rows):
        tall = (height - 0.3) / rows - 0.1
        at = (0, 0.015, 0.15 + row * (tall + 0.1))
        for place in (-0.22, 0.22) if rng.uniform() < 0.5 else (0.0,):
            size = (width * (0.3 if place else 0.65), 0.016, tall)
            parts.append(box(size, (place * width, *at[1:]), "wall", leaf))
    handle = metal(rng)
    free = float(rng.choice([-1, 1]))
    grip = free * (width / 2 - 0.13)
    parts.append(box((0.03, 0.05, 0.03), (grip, 0.035, 1.0), "wall", handle))
    parts.append(box((0.13, 0.018, 0.022), (grip - free * 0.05, 0.065, 1.004), "wall", handle))
    return parts
