"""Lamps and the light that they give."""

from dataclasses import dataclass, replace

import numpy as np

from ..material import Colour, Material
from ..part import Part
from ..shapes import box, cylinder, lathe
from ..theme import Theme, metal, vivid


@dataclass(frozen=True)
class Light:
    """A small ball that shines.

    Attributes:
        position: World or piece coordinates, metres.
        colour: Linear RGB, mean about 1.
        power: Irradiance at 1 m of a surface that faces it.
        radius: Softness of its shadows, metres.
    """

    position: tuple[float, float, float]
    colour: Colour
    power: float
    radius: float = 0.08

    def raised(self, z: float) -> "Light":
        """The same, higher by z."""
        x, y, height = self.position
        return replace(self, position=(x, y, height + z))


def _shade(rng: np.random.Generator, *, on: bool) -> Material:
    tint = float(rng.uniform(0.0, 0.25))
    colour = (0.95, 0.9 - tint * 0.3, 0.82 - tint)
    return Material(
        "fabric",
        (colour, colour, colour),
        emission=float(rng.uniform(0.6, 1.6)) if on else 0.0,
        seed=float(rng.uniform()),
        transmits=True,
    )


def _glow(rng: np.random.Generator) -> Colour:
    warm = float(rng.uniform(0.0, 1.0))
    return 1.0 + 0.25 * warm, 1.0, 1.0 - 0.45 * warm


def build_standing_lamp(
    rng: np.random.Generator, theme: Theme, *, height: float, on: bool
) -> tuple[list[Part], float, list[Light]]:
    """A table or floor lamp at the origin: parts, radius, lights."""
    steel = metal(rng) if height > 0.8 or rng.uniform() < 0.4 else vivid(rng, gloss=0.4)
    tall = min(height * 0.42, rng.uniform(0.2, 0.32))
    bottom = rng.uniform(0.12, 0.2) if height > 0.8 else tall * rng.uniform(0.45, 0.7)
    top = bottom * rng.uniform(0.5, 1.0)
    z = height - tall
    foot = bottom * 0.75
    parts: list[Part] = [cylinder(foot, 0.025, (0, 0, 0), "objects", steel, segments=18)]
    if height > 0.8 or rng.uniform() < 0.4:
        parts.append(cylinder(0.012, height * 0.92, (0, 0, 0), "objects", steel, segments=8))
    else:
        belly = bottom * rng.uniform(0.4, 0.75)
        profile = [(foot * 0.8, 0.02), (belly, z * 0.4), (0.02, z * 0.85), (0.015, z + 0.05)]
        parts.append(lathe(profile, (0, 0, 0), "objects", steel, segments=14))
    cloth = _shade(rng, on=on)
    parts.append(lathe([(bottom, z), (top, height)], (0, 0, 0), "objects", cloth, segments=20))
    lights = []
    if on:
        lights.append(Light((0, 0, z + tall * 0.5), _glow(rng), float(rng.uniform(0.3, 0.8))))
    return parts, bottom, lights


def build_ceiling_lamp(
    rng: np.random.Generator, *, ceiling: float, on: bool
) -> tuple[list[Part], list[Light]]:
    """A disc, a hanging shade or a panel under the ceiling at (0, 0, ceiling)."""
    steel = metal(rng)
    cloth = _shade(rng, on=on)
    kind = rng.integers(3)
    parts: list[Part] = []
    if kind == 0:
        radius = rng.uniform(0.14, 0.26)
        profile = [(radius, ceiling - 0.001), (radius * 0.9, ceiling - 0.06), (0, ceiling - 0.1)]
        parts.append(lathe(profile, (0, 0, 0), "objects", cloth, segments=22))
        z = ceiling - 0.16
    elif kind == 1:
        drop, radius = rng.uniform(0.4, 0.75), rng.uniform(0.15, 0.28)
        parts.append(cylinder(0.008, drop, (0, 0, ceiling - drop), "objects", steel, segments=6))
        profile = [
            (radius, ceiling - drop - 0.12),
            (radius * rng.uniform(0.2, 0.9), ceiling - drop + 0.1),
        ]
        parts.append(lathe(profile, (0, 0, 0), "objects", cloth, segments=22))
        z = ceiling - drop - 0.03
    else:
        size = (rng.uniform(0.3, 0.6), rng.uniform(0.3, 1.2), 0.05)
        parts.append(box(size, (0, 0, ceiling - 0.05), "objects", cloth))
        z = ceiling - 0.12
    lights = []
    if on:
        light = Light(
            (0, 0, z), _glow(rng), float(rng.uniform(1.2, 2.8)), float(rng.uniform(0.08, 0.3))
        )
        lights.append(light)
    return parts, lights
