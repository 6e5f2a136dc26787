"""Small things that stand on tables, boards and floors: labelled ``objects``."""

import numpy as np

from ..material import Material
from ..part import Part, moved, rotation_about_x, rotation_about_z
from ..shapes import box, cylinder, lathe, rounded_box, sheet
from ..theme import Theme, hsv, metal, paint, vivid
from .books import book_stack
from .piece import Surface

LABEL = "objects"
Thing = tuple[list[Part], float]
"""Parts around the origin and the radius that they need."""


def _vase(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    radius = height * rng.uniform(0.18, 0.45)
    z = np.linspace(0, 1, 7)
    wave = 1 + 0.45 * np.sin(z * rng.uniform(3, 6) + rng.uniform(0, 6))
    r = radius * wave / wave.max()
    profile = [(0.0, 0.0), *((float(a), float(b) * height) for a, b in zip(r, z, strict=True))]
    parts = [lathe(profile, (0, 0, 0), LABEL, vivid(rng, gloss=0.5), segments=16)]
    return parts, radius


def _mug(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    height = min(height, rng.uniform(0.08, 0.12))
    r = height * 0.42
    profile = [(0.0, 0.0), (r, 0.0), (r, height), (r * 0.88, height), (r * 0.88, 0.02), (0, 0.02)]
    glaze = vivid(rng, gloss=0.5)
    handle = box((0.012, 0.03, height * 0.6), (0, r + 0.012, height * 0.2), LABEL, glaze)
    return [lathe(profile, (0, 0, 0), LABEL, glaze, segments=14), handle], r + 0.03


def _bowl(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    r = rng.uniform(0.1, 0.17)
    tall = min(height, r * rng.uniform(0.4, 0.8))
    profile = [(0.0, 0.0), (r * 0.45, 0.0), (r * 0.85, tall * 0.5), (r, tall)]
    profile += [(r * 0.94, tall), (r * 0.7, tall * 0.45), (0, tall * 0.15)]
    parts = [lathe(profile, (0, 0, 0), LABEL, vivid(rng, gloss=0.4), segments=18)]
    if rng.uniform() < 0.6:
        fruit = vivid(rng, gloss=0.3)
        for angle in rng.uniform(0, 2 * np.pi, 5):
            x, y = np.cos(angle) * r * 0.45, np.sin(angle) * r * 0.45
            ball = rounded_box((0.075,) * 3, (x, y, tall * 0.4), LABEL, fruit, radius=0.037)
            parts.append(ball)
    return parts, r


def _bottle(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    height = min(height, rng.uniform(0.18, 0.32))
    r = rng.uniform(0.03, 0.042)
    profile = [(0.0, 0.0), (r, 0.0), (r, height * 0.6), (r * 0.35, height * 0.75)]
    profile += [(r * 0.35, height), (0.0, height)]
    glass = paint(rng, hsv(rng.uniform(), 0.7, rng.uniform(0.1, 0.6)), gloss=0.8)
    return [lathe(profile, (0, 0, 0), LABEL, glass, segments=12)], r


def _carton(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    size = rng.uniform(0.08, 0.28, 3)
    size[2] = min(size[2], height)
    if rng.uniform() < 0.5:
        cover = Material(
            "fabric", ((0.68, 0.52, 0.34), (0.6, 0.45, 0.28), (0.5, 0.4, 0.3)), seed=rng.uniform()
        )
    else:
        cover = vivid(rng, gloss=0.1)
    lid = (size[0] + 0.008, size[1] + 0.008, size[2] * 0.2)
    parts = [
        box((size[0], size[1], size[2]), (0, 0, 0), LABEL, cover),
        box(lid, (0, 0, size[2] * 0.82), LABEL, cover),
    ]
    return parts, float(np.hypot(size[0], size[1])) / 2


def _frame(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    height = min(height, rng.uniform(0.15, 0.26))
    width = height * rng.uniform(0.7, 1.3)
    rim = theme.furniture(rng)
    photo = artwork(rng, height)
    parts = [
        box((width, 0.015, height), (0, 0, 0), "picture", rim),
        box((width - 0.04, 0.004, height - 0.04), (0, 0.0085, 0.02), "picture", photo),
    ]
    return moved(parts, turn=rotation_about_x(0.2)), width / 2


def artwork(rng: np.random.Generator, size: float) -> Material:
    """A picture's surface."""
    hue = rng.uniform()
    colours = [
        hsv(hue + offset + rng.normal() * 0.05, rng.uniform(0.1, 0.9), rng.uniform(0.25, 0.95))
        for offset in (0.0, rng.choice([0.1, 0.4, 0.5]), rng.uniform())
    ]
    return Material(
        "artwork", (colours[0], colours[1], colours[2]), scale=size, gloss=0.1, seed=rng.uniform()
    )


def _clock(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    size = min(height, rng.uniform(0.1, 0.2))
    body = vivid(rng)
    face = paint(rng, (0.93, 0.92, 0.88))
    parts = [
        rounded_box((size, size * 0.5, size), (0, 0, 0), LABEL, body, radius=size * 0.2),
        box((size * 0.7, 0.004, size * 0.7), (0, size * 0.25, size * 0.15), LABEL, face),
    ]
    return parts, size * 0.6


def _leaf(tip: np.ndarray, root: np.ndarray, width: float, green: Material) -> Part:
    along = tip - root
    side = np.cross(along, [0.0, 0.0, 1.0])
    side *= width / max(float(np.linalg.norm(side)), 1e-6)

    def surface(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        middle = root + u[..., None] * along
        middle[..., 2] += 0.35 * np.linalg.norm(along) * np.sin(np.pi * u) * 0.6
        wide = np.sin(np.pi * np.clip(u, 0.02, 1)) ** 0.7
        fold = np.abs(v - 0.5)[..., None] * np.array([0.0, 0.0, width * 0.6])
        return middle + ((v - 0.5) * wide)[..., None] * side * 2 + fold

    return sheet(surface, LABEL, green, cells=(4, 2))


def build_plant(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    """A pot with leaves."""
    pot = height * rng.uniform(0.2, 0.32)
    r = pot * rng.uniform(0.4, 0.6)
    green = Material(
        "carpet",
        (hsv(rng.uniform(0.22, 0.4), 0.6, 0.35), hsv(0.27, 0.6, 0.5), (0.2, 0.3, 0.1)),
        gloss=0.1,
        seed=rng.uniform(),
    )
    clay = vivid(rng, gloss=0.2) if rng.uniform() < 0.5 else paint(rng, (0.66, 0.36, 0.24))
    soil = paint(rng, (0.2, 0.14, 0.1))
    profile = [(0.0, 0.0), (r * 0.75, 0.0), (r, pot), (r * 0.9, pot), (r * 0.88, pot * 0.9)]
    parts = [
        lathe(profile, (0, 0, 0), LABEL, clay, segments=16),
        cylinder(r * 0.88, 0.005, (0, 0, pot * 0.88), LABEL, soil),
    ]
    spread = height * rng.uniform(0.2, 0.4)
    stems = int(rng.integers(9, 22))
    for _ in range(stems):
        angle, rise = rng.uniform(0, 2 * np.pi), rng.uniform(0.45, 1.0)
        out = spread * rng.uniform(0.5, 1.0) * (1.25 - rise * 0.6)
        heading = np.array([np.cos(angle), np.sin(angle), 0.0])
        root = heading * out * 0.2 + [0, 0, pot + (height - pot) * rng.uniform(0.0, 0.5) * rise]
        tip = heading * out + [0, 0, pot + (height - pot) * rise * 0.85]
        parts.append(_leaf(tip, root, height * rng.uniform(0.04, 0.09), green))
    parts.append(cylinder(0.01, height * 0.6 - pot, (0, 0, pot), LABEL, soil, segments=6))
    return parts, max(spread * 0.8, r)


def _laptop(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    grey = paint(rng, (0.6, 0.6, 0.62) if rng.uniform() < 0.5 else (0.15, 0.15, 0.16), gloss=0.2)
    dark = Material("plain", ((0.05, 0.05, 0.06),) * 3, gloss=0.6, dark_to_infrared=True)
    lid = [
        box((0.34, 0.01, 0.23), (0, 0, 0), LABEL, grey),
        box((0.31, 0.002, 0.2), (0, 0.006, 0.015), LABEL, dark),
    ]
    parts = [box((0.34, 0.24, 0.018), (0, 0.02, 0), LABEL, grey)]
    parts.append(box((0.3, 0.12, 0.002), (0, -0.02, 0.018), LABEL, dark))
    parts += moved(lid, (0, -0.1, 0.018), turn=rotation_about_x(0.3))
    return parts, 0.2


def _papers(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    parts: list[Part] = []
    for i in range(int(rng.integers(1, 5))):
        white = paint(rng, (0.93, 0.93, 0.9))
        page = box((0.21, 0.297, 0.003), (0, 0, 0.003 * i), LABEL, white)
        parts += moved([page], turn=rng.normal() * 0.4)
    return parts, 0.17


def _ball(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    size = min(height, rng.uniform(0.08, 0.24))
    return [rounded_box((size,) * 3, (0, 0, 0), LABEL, vivid(rng), radius=size / 2)], size / 2


def _toy(rng: np.random.Generator, theme: Theme, height: float) -> Thing:
    parts: list[Part] = []
    z, size = 0.0, min(0.12, height * 0.45)
    for _ in range(int(rng.integers(2, 4))):
        parts += moved(
            [box((size,) * 3, (0, 0, 0), LABEL, vivid(rng))], (0, 0, z), turn=rng.uniform()
        )
        z += size
        size *= 0.8
        if z + size > height:
            break
    return parts, 0.09


_KINDS = (_vase, _mug, _bowl, _bottle, _carton, _frame, _clock, build_plant, _ball, _toy)
_DESK_KINDS = (_mug, _laptop, _papers, _papers, _bottle, _carton, _frame)


def build_thing(
    rng: np.random.Generator, theme: Theme, *, max_height: float, max_radius: float
) -> Thing:
    """Any small thing that fits."""
    height = float(min(max_height, rng.uniform(0.12, 0.38)))
    for _ in range(4):
        kind = _KINDS[rng.integers(len(_KINDS))]
        parts, radius = kind(rng, theme, height)
        if radius <= max_radius:
            return parts, radius
    return _mug(rng, theme, height)


def scatter(
    rng: np.random.Generator,
    theme: Theme,
    surface: Surface,
    *,
    count: int,
    desk: bool = False,
    height: float = 0.4,
) -> list[Part]:
    """Up to ``count`` things on a surface that do not touch each other."""
    taken: list[tuple[float, float, float]] = []
    parts: list[Part] = []
    for _ in range(count):
        draw = rng.uniform()
        if draw < (0.3 if desk else 0.22):
            thing, radius = book_stack(rng)
        elif desk:
            kind = _DESK_KINDS[rng.integers(len(_DESK_KINDS))]
            thing, radius = kind(rng, theme, height)
        else:
            thing, radius = build_thing(rng, theme, max_height=height, max_radius=0.2)
        for _ in range(6):
            x = rng.uniform(min(surface.x0 + radius, 0), max(surface.x1 - radius, 0))
            low, high = surface.y0 + radius, surface.y1 - radius
            middle = (surface.y0 + surface.y1) / 2
            y = rng.uniform(min(low, middle), max(high, middle))
            if all(np.hypot(x - a, y - b) > radius + r for a, b, r in taken):
                taken.append((x, y, radius))
                parts += moved(thing, (x, y, surface.z), turn=rng.uniform(-0.6, 0.6))
                break
    return parts


def build_floor_thing(rng: np.random.Generator, theme: Theme) -> Thing:
    """Something that stands on the floor: a plant, a box, a bag, a basket, a ball, shoes."""
    kind = rng.integers(6)
    if kind == 0:
        return build_plant(rng, theme, rng.uniform(0.6, 1.6))
    if kind == 1:
        parts, radius = _carton(rng, theme, 0.4)
        return [_scaled(part, 1.6) for part in parts], radius * 1.6
    if kind == 2:
        size = rng.uniform(0.28, 0.42)
        cloth = theme.textile(rng)
        bag = rounded_box(
            (size, size * 0.45, size * 0.9), (0, 0, 0), LABEL, cloth, radius=size * 0.15
        )
        strap = box((size * 0.5, 0.02, 0.02), (0, 0, size * 1.05), LABEL, cloth)
        ends = [
            box((0.02, 0.02, size * 0.18), (s * size * 0.25, 0, size * 0.88), LABEL, cloth)
            for s in (-1, 1)
        ]
        return [bag, strap, *ends], size * 0.55
    if kind == 3:
        r, h = rng.uniform(0.14, 0.24), rng.uniform(0.25, 0.5)
        wicker = Material(
            "plaid",
            ((0.62, 0.48, 0.3), (0.45, 0.33, 0.2), (0.35, 0.25, 0.15)),
            scale=0.03,
            seed=rng.uniform(),
        )
        profile = [(0.0, 0.0), (r * 0.8, 0.0), (r, h), (r * 0.93, h), (r * 0.78, 0.03), (0, 0.03)]
        return [lathe(profile, (0, 0, 0), LABEL, wicker, segments=18)], r
    if kind == 4:
        return _ball(rng, theme, 0.3)
    shoe = vivid(rng, gloss=0.1)
    shoes: list[Part] = []
    for side in (-1, 1):
        sole = rounded_box((0.09, 0.27, 0.07), (0, 0, 0), LABEL, shoe, radius=0.03)
        heel = rounded_box((0.085, 0.13, 0.11), (0, -0.07, 0), LABEL, shoe, radius=0.035)
        shoes += moved([sole, heel], (side * 0.08, rng.normal() * 0.04, 0), turn=rng.normal() * 0.3)
    return shoes, 0.2


def _scaled(part: Part, factor: float) -> Part:
    return Part(part.vertices * factor, part.faces, part.label, part.material)


def build_rug(rng: np.random.Generator, theme: Theme, width: float, depth: float) -> list[Part]:
    """A rug around the origin; a floor mat belongs to the class ``floor``."""
    colours = tuple(theme.textile_colour(rng) for _ in range(3))
    pattern = str(rng.choice(["ornament", "carpet", "stripes", "plaid"]))
    weave = Material(
        pattern,
        (colours[0], colours[1], colours[2]),
        scale=float(rng.uniform(0.12, 0.5)),
        seed=float(rng.uniform()),
    )
    turn = rotation_about_z(rng.normal() * 0.03)
    if rng.uniform() < 0.2:
        radius = min(width, depth) / 2
        return moved([cylinder(radius, 0.012, (0, 0, 0), "floor", weave, segments=32)], turn=turn)
    return moved([box((width, depth, 0.012), (0, 0, 0), "floor", weave)], turn=turn)


def build_wall_shelf(rng: np.random.Generator, theme: Theme) -> tuple[list[Part], float, float]:
    """A board on the wall with things; parts from the wall at y = 0, width, height."""
    width, depth = rng.uniform(0.5, 1.1), rng.uniform(0.18, 0.26)
    wood = theme.furniture(rng)
    parts = [box((width, depth, 0.025), (0, depth / 2, 0), "furniture", wood)]
    steel = metal(rng)
    for side in (-1, 1):
        parts.append(
            box(
                (0.02, depth * 0.8, 0.02),
                (side * width * 0.35, depth * 0.4, -0.02),
                "furniture",
                steel,
            )
        )
    top = Surface(-width / 2, 0.02, width / 2, depth, 0.025)
    parts += scatter(rng, theme, top, count=int(rng.integers(2, 6)), height=0.28)
    return parts, width, 0.35
