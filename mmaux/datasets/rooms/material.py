"""What a surface looks like."""

from dataclasses import dataclass

Colour = tuple[float, float, float]
"""sRGB, 0 to 1."""

PATTERNS = (
    "plain",
    "wood",
    "planks",
    "tiles",
    "fabric",
    "stripes",
    "plaid",
    "carpet",
    "stone",
    "wallpaper",
    "brick",
    "artwork",
    "spine",
    "outside",
    "screen",
    "ornament",
)


@dataclass(frozen=True)
class Material:
    """A surface: a pattern of up to three colours, and how it takes light.

    Attributes:
        pattern: One of :data:`PATTERNS`.
        colours: Main colour, second colour, third colour.
        scale: Size of the pattern's unit (tile, stripe, plank), metres.
        gloss: Strength of highlights, 0 (matt) to 1.
        emission: Light that it gives off, in units of a white surface in full light.
        seed: Shifts the pattern, so that two things of one material differ.
        transmits: Light passes (window panes, lampshades).
        dark_to_infrared: A depth camera tends to see nothing there (screens, glass, mirrors).
    """

    pattern: str
    colours: tuple[Colour, Colour, Colour]
    scale: float = 0.1
    gloss: float = 0.0
    emission: float = 0.0
    seed: float = 0.0
    transmits: bool = False
    dark_to_infrared: bool = False

    def __post_init__(self) -> None:
        """Check the name of the pattern."""
        if self.pattern not in PATTERNS:
            raise ValueError(f"pattern: found {self.pattern!r}, expected one of {PATTERNS}.")
