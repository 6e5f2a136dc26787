"""The palette of a room: which woods, fabrics and paints it is made of."""

import colorsys
from dataclasses import dataclass

import numpy as np

from .material import Colour, Material

_WOODS: tuple[tuple[Colour, Colour], ...] = (
    ((0.80, 0.63, 0.43), (0.68, 0.50, 0.31)),  # oak
    ((0.88, 0.76, 0.58), (0.80, 0.66, 0.46)),  # birch
    ((0.55, 0.36, 0.22), (0.40, 0.25, 0.15)),  # walnut
    ((0.60, 0.31, 0.17), (0.45, 0.21, 0.11)),  # cherry
    ((0.33, 0.22, 0.16), (0.21, 0.14, 0.10)),  # wenge
    ((0.72, 0.52, 0.32), (0.58, 0.38, 0.22)),  # teak
)
_LACQUERS: tuple[Colour, ...] = (
    (0.92, 0.91, 0.88),
    (0.93, 0.93, 0.93),
    (0.20, 0.20, 0.21),
    (0.55, 0.57, 0.58),
    (0.80, 0.80, 0.74),
    (0.45, 0.55, 0.55),
    (0.36, 0.42, 0.50),
)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour; the hue wraps, the others are clipped."""
    clipped = (min(max(saturation, 0.0), 1.0), min(max(value, 0.0), 1.0))
    return colorsys.hsv_to_rgb(hue % 1.0, *clipped)


def shade(colour: Colour, factor: float) -> Colour:
    """A lighter or darker version."""
    red, green, blue = (min(max(channel * factor, 0.0), 1.0) for channel in colour)
    return red, green, blue


@dataclass(frozen=True)
class Theme:
    """Choices that hold for one room.

    Attributes:
        woods: Indices of the woods in use.
        lacquer: Paint of painted furniture.
        painted: Share of painted furniture.
        hue: Accent colour of textiles.
        muted: How grey the textiles are, 0 to 1.
    """

    woods: tuple[int, ...]
    lacquer: Colour
    painted: float
    hue: float
    muted: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Theme":
        """A random theme."""
        count = int(rng.integers(1, 3))
        return cls(
            woods=tuple(int(i) for i in rng.choice(len(_WOODS), count, replace=False)),
            lacquer=_LACQUERS[rng.integers(len(_LACQUERS))],
            painted=float(rng.choice([0.0, 0.2, 0.5, 0.85])),
            hue=float(rng.uniform()),
            muted=float(rng.uniform(0.0, 0.8)),
        )

    def wood(self, rng: np.random.Generator) -> Material:
        """Wood of the room."""
        light, dark = _WOODS[self.woods[rng.integers(len(self.woods))]]
        factor = float(rng.uniform(0.85, 1.12))
        colours = (shade(light, factor), shade(dark, factor), shade(dark, 0.6))
        return Material(
            "wood",
            colours,
            scale=float(rng.uniform(0.08, 0.25)),
            gloss=float(rng.uniform(0.0, 0.25)),
            seed=float(rng.uniform()),
        )

    def furniture(self, rng: np.random.Generator) -> Material:
        """Wood or paint."""
        if rng.uniform() < self.painted:
            return paint(rng, self.lacquer, gloss=float(rng.uniform(0.05, 0.3)))
        return self.wood(rng)

    def textile_colour(self, rng: np.random.Generator) -> Colour:
        """The accent, its neighbours or its complement; greys and beiges as well."""
        if rng.uniform() < 0.45:
            return hsv(rng.uniform(0.05, 0.13), rng.uniform(0.03, 0.3), rng.uniform(0.2, 0.92))
        hue = self.hue + rng.choice([0.0, 0.05, -0.05, 0.5]) + rng.normal() * 0.02
        saturation = rng.uniform(0.3, 0.85) * (1 - 0.7 * self.muted)
        return hsv(hue, saturation, rng.uniform(0.2, 0.85))

    def textile(self, rng: np.random.Generator, *, patterned: float = 0.25) -> Material:
        """Cloth, plain or (with this probability) striped or plaid."""
        main = self.textile_colour(rng)
        other = self.textile_colour(rng)
        third = self.textile_colour(rng)
        pattern = "fabric"
        if rng.uniform() < patterned:
            pattern = str(rng.choice(["stripes", "plaid"]))
        else:
            other = shade(main, float(rng.uniform(0.65, 0.85)))
        scale = float(rng.uniform(0.04, 0.2))
        return Material(pattern, (main, other, third), scale=scale, seed=float(rng.uniform()))


def paint(rng: np.random.Generator, colour: Colour, *, gloss: float = 0.0) -> Material:
    """Paint or plastic."""
    colours = (colour, shade(colour, 0.85), colour)
    return Material("plain", colours, gloss=gloss, seed=float(rng.uniform()))


def metal(rng: np.random.Generator) -> Material:
    """Chrome, brass or black steel."""
    bases: tuple[Colour, ...] = ((0.62, 0.63, 0.65), (0.1, 0.1, 0.11), (0.66, 0.55, 0.34))
    return paint(rng, bases[rng.integers(3)], gloss=float(rng.uniform(0.4, 0.9)))


def leather(rng: np.random.Generator) -> Material:
    """Leather in brown, black, cream or red."""
    bases = ((0.35, 0.2, 0.12), (0.1, 0.1, 0.1), (0.78, 0.7, 0.58), (0.42, 0.1, 0.09))
    base: Colour = bases[rng.integers(4)]
    colours = (base, shade(base, 0.75), base)
    return Material("carpet", colours, gloss=float(rng.uniform(0.2, 0.5)), seed=rng.uniform())


def vivid(rng: np.random.Generator, *, gloss: float = 0.2) -> Material:
    """Plastic, ceramic or print of any colour."""
    if rng.uniform() < 0.35:
        colour = hsv(rng.uniform(), rng.uniform(0.0, 0.12), rng.uniform(0.1, 0.95))
    else:
        colour = hsv(rng.uniform(), rng.uniform(0.25, 0.95), rng.uniform(0.2, 0.95))
    return paint(rng, colour, gloss=gloss)
