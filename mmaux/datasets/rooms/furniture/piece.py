"""A piece of furniture before it is placed."""

from dataclasses import dataclass, field

from ..part import Part


@dataclass(frozen=True)
class Surface:
    """A level rectangle on which things can stand, in the axes of its piece, metres."""

    x0: float
    y0: float
    x1: float
    y1: float
    z: float


@dataclass(frozen=True)
class Piece:
    """Furniture with its footprint: x from -width / 2 to width / 2, y from 0 to depth.

    Attributes:
        parts: Its geometry.
        width: Along the wall, metres.
        depth: From the wall, metres.
        height: Metres.
        surfaces: Where clutter may stand.
    """

    parts: list[Part]
    width: float
    depth: float
    height: float
    surfaces: list[Surface] = field(default_factory=list)
