"""Patterns of surfaces: colour at a position, for many positions at once.

Each takes (u, v) along the surface in metres, the unit of the pattern in metres, a number that
shifts it, and the footprint of a pixel in metres, below which detail is left out. It returns
weights (n, 3) of the material's three colours, and a factor of brightness (n,).
"""

from collections.abc import Callable

import numpy as np

from .texture_noise import noise_at, random_of

Weights = tuple[np.ndarray, np.ndarray]
Pattern = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray], Weights]


def _mix(first: np.ndarray, second: np.ndarray | float, third: np.ndarray | float) -> np.ndarray:
    weights = np.empty((len(first), 3), dtype=np.float32)
    weights[:, 0], weights[:, 1], weights[:, 2] = first, second, third
    return weights


def _two(second: np.ndarray) -> np.ndarray:
    return _mix(1 - second, second, 0.0)


def _fade(size: np.ndarray, pixel: np.ndarray) -> np.ndarray:
    """1 where a detail of this size is well resolved, 0 where it is not."""
    return np.clip(size / np.maximum(pixel, 1e-6) - 0.7, 0, 1)


def _line(
    position: np.ndarray, width: np.ndarray | float, size: np.ndarray, pixel: np.ndarray
) -> np.ndarray:
    """Coverage of a joint at whole numbers; ``width`` is its share of the unit, ``size`` metres."""
    distance = 0.5 - np.abs(np.mod(position, 1.0) - 0.5)
    soft = np.maximum(pixel / size, 1e-4)
    wide = width / 2 + soft / 2
    return np.clip((wide - distance) / soft, 0, 1) * np.clip(width / (2 * wide), 0, 1) ** 0.5


def plain(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Paint, plaster, plastic: faint stains."""
    stains = noise_at(u * 0.21 + seed, v * 0.21 + seed * 0.7, slope=1.5)
    grain = noise_at(u * 3.1 + seed, v * 3.1, slope=0.5) * _fade(np.float32(0.004), pixel)
    return _two(np.clip(stains * 0.15, 0, 0.3)), 1 + 0.02 * stains + 0.02 * grain


def _grain(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    warp = noise_at(u * 0.15 + seed, v * 0.6 + seed, slope=1.5)
    fibre = noise_at(u * 0.12 + seed, v * 2.3 + 0.15 * warp, slope=0.8)
    rings = np.sin((v / np.maximum(scale, 0.02) + 1.6 * warp) * 14.0)
    return 0.5 + 0.28 * fibre + 0.22 * rings * _fade(scale * 0.3, pixel)


def wood(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Veneer: fibres along u."""
    grain = np.clip(_grain(u, v, scale, seed, pixel), 0, 1)
    return _two(grain), np.ones_like(grain)


def planks(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """A wooden floor: boards along u, each with its own tone."""
    row = np.floor(v / scale)
    along = u / (scale * 8) + random_of(row, np.floor(seed * 997))
    tone = random_of(row, np.floor(along), np.floor(seed * 991))
    grain = np.clip(_grain(u, v, scale * 0.5, seed + tone * 7, pixel), 0, 1)
    joint = np.maximum(_line(v / scale, 0.03, scale, pixel), _line(along, 0.004, scale * 8, pixel))
    second = np.clip(0.55 * grain + 0.6 * (tone - 0.3), 0, 1)
    return _mix((1 - second) * (1 - joint), second * (1 - joint), joint), 0.88 + 0.24 * tone


def tiles(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Square tiles with joints."""
    tone = random_of(np.floor(u / scale), np.floor(v / scale), np.floor(seed * 997))
    joint = np.maximum(_line(u / scale, 0.025, scale, pixel), _line(v / scale, 0.025, scale, pixel))
    cloud = noise_at(u * 0.5 + tone, v * 0.5 + tone * 3, slope=1.2)
    second = np.clip(0.25 + 0.5 * cloud + 0.3 * (tone - 0.5), 0, 1)
    return _mix((1 - second) * (1 - joint), second * (1 - joint), joint), 0.95 + 0.1 * tone


def fabric(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Woven cloth."""
    thread = noise_at(u * 2.9 + seed, v * 2.9, slope=0.3) * _fade(np.float32(0.006), pixel)
    worn = noise_at(u * 0.4 + seed, v * 0.4 - seed, slope=1.4)
    return _two(np.clip(0.3 + 0.35 * thread + 0.2 * worn, 0, 1)), 1 + 0.07 * thread + 0.06 * worn


def stripes(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Stripes along v of two widths."""
    period = u / scale
    wide = _line(period, 0.45, scale, pixel)
    thin = _line(period + 0.5, 0.08, scale, pixel)
    rest = np.clip(1 - wide - thin, 0, 1)
    _, tone = fabric(u, v, scale, seed, pixel)
    return _mix(rest, wide, thin), tone


def plaid(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Crossing bands."""
    bands = (_line(u / scale, 0.5, scale, pixel) + _line(v / scale, 0.5, scale, pixel)) / 2
    thin = np.maximum(
        _line(u / scale + 0.5, 0.07, scale, pixel), _line(v / scale + 0.5, 0.07, scale, pixel)
    )
    _, tone = fabric(u, v, scale, seed, pixel)
    return _mix((1 - bands) * (1 - thin), bands * (1 - thin), thin), tone


def carpet(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Pile: speckles and trodden patches."""
    speckle = noise_at(u * 1.7 + seed, v * 1.7, slope=0.2) * _fade(np.float32(0.012), pixel)
    patch = noise_at(u * 0.3 + seed, v * 0.3, slope=1.3)
    return _two(
        np.clip(0.35 + 0.4 * speckle + 0.15 * patch, 0, 1)
    ), 1 + 0.1 * speckle + 0.06 * patch


def stone(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Marble and granite: veins."""
    cloud = noise_at(u * 0.45 + seed, v * 0.45 + seed, slope=1.2)
    vein = np.exp(-40 * np.square(noise_at(u * 0.33 - seed, v * 0.33, slope=1.1)))
    second = np.clip(0.3 + 0.4 * cloud, 0, 1)
    return _mix(
        (1 - second) * (1 - 0.6 * vein), second * (1 - 0.6 * vein), 0.6 * vein
    ), 1 + 0 * vein


def wallpaper(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """A motif in offset rows."""
    row = np.floor(v / scale)
    x = np.mod(u / scale + 0.5 * np.mod(row, 2), 1.0) - 0.5
    y = np.mod(v / scale, 1.0) - 0.5
    angle = np.arctan2(y, x) * np.round(3 + 4 * np.mod(seed * 7.3, 1.0))
    radius = np.hypot(x, y)
    edge = 0.25 + 0.1 * np.cos(angle)
    soft = np.maximum(pixel / scale, 0.02)
    flower = np.clip((edge - radius) / soft + 0.5, 0, 1)
    heart = np.clip((0.08 - radius) / soft + 0.5, 0, 1)
    faint = 0.25 + 0.6 * np.mod(seed * 3.7, 1.0)
    second = faint * flower * (1 - heart)
    _, tone = plain(u, v, scale, seed, pixel)
    return _mix(1 - second - faint * heart, second, faint * heart), tone


def brick(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Courses of bricks with mortar."""
    height = scale / 3
    row = np.floor(v / height)
    along = u / scale + 0.5 * np.mod(row, 2)
    tone = random_of(row, np.floor(along), np.floor(seed * 997))
    joint = np.maximum(_line(v / height, 0.14, height, pixel), _line(along, 0.05, scale, pixel))
    rough = noise_at(u * 1.1 + tone, v * 1.1, slope=0.9)
    second = np.clip(tone * 0.8 + 0.3 * rough, 0, 1)
    return _mix((1 - second) * (1 - joint), second * (1 - joint), joint), 0.85 + 0.25 * tone


def artwork(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """Paintings: fields of colour, a horizon, or blots."""
    x, y = u / scale, v / scale
    first = noise_at(x * 0.13 + seed, y * 0.13 + seed * 2, slope=1.7)
    second = noise_at(x * 0.21 - seed, y * 0.21 + seed, slope=1.3)
    blots = np.clip(0.5 + 2.5 * first, 0, 1)
    horizon = np.clip(0.5 + 6 * (y - 0.45 * np.mod(seed * 5.1, 1) - 0.2 + 0.3 * second), 0, 1)
    fields = (random_of(np.floor(x * 3), np.floor(y * 4), np.floor(seed * 997)) > 0.5) * 1.0
    kind = np.floor(np.mod(seed * 11.7, 1.0) * 3)
    a = np.select([kind == 0, kind == 1], [blots, horizon], fields)
    b = np.clip(0.2 + 1.5 * second, 0, 1) * 0.8
    return _mix(a * (1 - b), (1 - a) * (1 - b), b), 0.8 + 0.4 * np.clip(second + 0.5, 0, 1)


def spine(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """A book: bands across its spine, a title."""
    place = v / scale
    band = np.maximum(_line(place * 2 + 0.6, 0.07, scale / 2, pixel), 0)
    title = (np.abs(np.mod(place + seed, 1.0) - 0.5) < 0.16) * (0.35 + 0.65 * np.mod(seed * 9, 1))
    letters = random_of(np.floor(v / 0.006), np.floor(u / 0.005), np.floor(seed * 997)) > 0.5
    third = title * (0.4 + (letters - 0.4) * _fade(np.float32(0.004), pixel))
    return _mix((1 - band) * (1 - third), band * (1 - third), third), np.ones_like(third)


def outside(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """What is seen through a window: sky above trees or houses; v is the height, metres."""
    skyline = 0.3 + 0.8 * np.mod(seed * 3.3, 1.0)
    houses = random_of(np.floor(u / 0.35), np.floor(seed * 997)) * 0.6
    trees = 0.35 * noise_at(u * 0.09 + seed, seed + 0 * u, slope=1.6)
    edge = skyline + np.where(np.mod(seed * 17.0, 1.0) > 0.5, houses, trees)
    below = np.clip((edge - v) / 0.04 + 0.5, 0, 1)
    leaves = noise_at(u * 0.25 + seed, v * 0.25, slope=1.6)
    haze = np.clip(0.3 + 0.5 * leaves, 0, 1) * below
    cloud = np.clip(noise_at(u * 0.1 + seed, v * 0.18, slope=1.5), 0, 1) * (1 - below)
    bright = below * (0.9 + 0.35 * leaves) + (1 - below) * (1.0 + 0.25 * cloud)
    return _mix((1 - below) * 1.0, below - 0.6 * haze, 0.6 * haze), bright


def screen(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """A screen that is on: broad shapes."""
    weights, tone = artwork(u * 1.3, v * 1.3, scale, seed, pixel)
    return weights, tone


def ornament(u, v, scale, seed, pixel):  # type: ignore[no-untyped-def]
    """A rug: concentric diamonds; (0, 0) is its middle."""
    radius = (np.abs(u) + np.abs(v)) / scale
    ripple = 0.25 * np.cos(np.arctan2(v, u) * np.round(4 + 8 * np.mod(seed * 3.1, 1)))
    ring = np.mod(radius + ripple, 1.0)
    second = np.clip((0.45 - np.abs(ring - 0.5)) * 8, 0, 1) * (ring > 0.35)
    third = (np.abs(ring - 0.15) < 0.08) * 1.0
    _, tone = carpet(u, v, scale, seed, pixel)
    return _mix((1 - second) * (1 - third), second * (1 - third), third), tone


FUNCTIONS: dict[str, Pattern] = {
    "plain": plain,
    "wood": wood,
    "planks": planks,
    "tiles": tiles,
    "fabric": fabric,
    "stripes": stripes,
    "plaid": plaid,
    "carpet": carpet,
    "stone": stone,
    "wallpaper": wallpaper,
    "brick": brick,
    "artwork": artwork,
    "spine": spine,
    "outside": outside,
    "screen": screen,
    "ornament": ornament,
}
