"""Walls, floor, ceiling and their openings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .floor_plan import FloorPlan
from .furniture.wall_items import build_blind, build_curtains, build_door, build_window
from .material import Colour, Material
from .part import Part, moved
from .shapes import box
from .theme import Theme, hsv, paint, shade

RECESS = 0.14
"""Depth of a window's opening: panes lie so far outside the room, metres."""


@dataclass(frozen=True)
class Pane:
    """A window as a source of light.

    Attributes:
        centre: Of the opening, world.
        along: Half of its width as a vector.
        up: Half of its height as a vector.
        inside: Unit vector into the room.
    """

    centre: np.ndarray
    along: np.ndarray
    up: np.ndarray
    inside: np.ndarray


def panel(x0: float, z0: float, x1: float, z1: float, label: str, material: Material) -> Part:
    """A rectangle of the plane y = 0."""
    vertices = np.array([[x0, 0, z0], [x1, 0, z0], [x1, 0, z1], [x0, 0, z1]], dtype=np.float64)
    return Part(vertices, np.array([[0, 1, 2], [0, 2, 3]]), label, material)


def slab(width: float, depth: float, z: float, label: str, material: Material) -> Part:
    """A level rectangle from (0, 0)."""
    corners = [[0, 0, z], [width, 0, z], [width, depth, z], [0, depth, z]]
    return Part(np.array(corners, float), np.array([[0, 1, 2], [0, 2, 3]]), label, material)


def wall_material(rng: np.random.Generator, colour: Colour) -> Material:
    """Paint, wallpaper, bricks, or boards."""
    draw = rng.uniform()
    seed = float(rng.uniform())
    other = shade(colour, float(rng.uniform(0.72, 1.2)))
    if draw < 0.68:
        return paint(rng, colour)
    if draw < 0.86:
        colours = (colour, other, shade(other, 0.8))
        return Material("wallpaper", colours, scale=float(rng.uniform(0.12, 0.4)), seed=seed)
    if draw < 0.92:
        return Material(
            "stripes", (colour, other, other), scale=float(rng.uniform(0.1, 0.3)), seed=seed
        )
    if draw < 0.97:
        bricks = ((0.62, 0.34, 0.25), (0.48, 0.24, 0.18), (0.75, 0.72, 0.68))
        if rng.uniform() < 0.4:
            bricks = ((0.86, 0.85, 0.82), (0.78, 0.77, 0.74), (0.8, 0.79, 0.76))
        return Material("brick", bricks, scale=0.24, seed=seed)
    return Material(
        "tiles", ((0.9, 0.9, 0.88), other, (0.6, 0.6, 0.58)), scale=0.15, gloss=0.4, seed=seed
    )


def floor_material(rng: np.random.Generator, theme: Theme) -> Material:
    """Boards, tiles, carpet or stone."""
    draw = rng.uniform()
    seed = float(rng.uniform())
    if draw < 0.5:
        wood = theme.wood(rng)
        light, dark, _ = wood.colours
        colours = (light, dark, shade(dark, 0.45))
        gloss = float(rng.uniform(0.05, 0.4))
        return Material(
            "planks", colours, scale=float(rng.uniform(0.07, 0.2)), gloss=gloss, seed=seed
        )
    if draw < 0.72:
        base = hsv(rng.uniform(0.03, 0.15), rng.uniform(0.03, 0.35), rng.uniform(0.35, 0.85))
        colours = (base, shade(base, 0.85), shade(base, float(rng.choice([0.6, 1.15]))))
        return Material("tiles", colours, scale=float(rng.uniform(0.2, 0.6)), gloss=0.35, seed=seed)
    if draw < 0.95:
        base = hsv(rng.uniform(), rng.uniform(0.03, 0.35), rng.uniform(0.25, 0.75))
        return Material("carpet", (base, shade(base, 0.7), base), seed=seed)
    colours = ((0.75, 0.73, 0.7), (0.62, 0.6, 0.57), (0.45, 0.43, 0.4))
    return Material("stone", colours, gloss=0.4, seed=seed)


def build_openings(
    rng: np.random.Generator, theme: Theme, plan: FloorPlan, *, day: float
) -> tuple[list[Part], list[Pane], tuple[list[tuple[float, float, float, float]], ...]]:
    """A door and windows on one or two walls.

    Returns:
        Parts, light sources, and the rectangles (s0, z0, s1, z1) cut out of each wall.
    """
    parts: list[Part] = []
    panes: list[Pane] = []
    holes: tuple[list[tuple[float, float, float, float]], ...] = ([], [], [], [])
    walls = [int(w) for w in rng.permutation(4)]
    door = walls[3]
    width, tall = rng.uniform(0.85, 1.0), min(rng.uniform(2.0, 2.12), plan.height - 0.1)
    s = rng.uniform(width / 2 + 0.1, plan.length(door) - width / 2 - 0.1)
    parts += moved(
        build_door(rng, theme, width=width, height=tall),
        (*plan.point(door, s, 0.005), 0.0),
        turn=plan.turn(door),
    )
    plan.on_wall[door].append((s - width / 2, 0, s + width / 2, tall))
    plan.taken.append(plan.footprint(door, s, width, 0.75))
    style = rng.uniform()
    for wall in walls[: int(rng.choice([0, 1, 1, 1, 2]))]:
        length = plan.length(wall)
        sill = float(rng.choice([0.05, 0.75, 0.9, 1.0], p=[0.15, 0.25, 0.4, 0.2]))
        top = min(rng.uniform(2.0, 2.35), plan.height - 0.2)
        count = 2 if length > 3.6 and rng.uniform() < 0.4 else 1
        wide = min(rng.uniform(0.8, 2.2), length / count - 0.7)
        for i in range(count):
            s = length * (i + 0.5) / count + rng.uniform(-0.1, 0.1)
            at = (*plan.point(wall, s), sill)
            height = top - sill
            made = build_window(rng, theme, width=wide, height=height, recess=RECESS, day=day)
            if style < 0.55:
                made += build_curtains(rng, theme, width=wide, height=height, sill=sill)
            elif style < 0.72:
                made += build_blind(rng, width=wide, height=height)
            parts += moved(made, at, turn=plan.turn(wall))
            holes[wall].append((s - wide / 2, sill, s + wide / 2, top))
            plan.on_wall[wall].append(
                (s - wide / 2 - 0.25, max(sill - 0.05, 0), s + wide / 2 + 0.25, top + 0.2)
            )
            if sill < 0.5:
                plan.taken.append(plan.footprint(wall, s, wide, 0.6))
            angle = plan.turn(wall)
            along = np.array([np.cos(angle), np.sin(angle), 0.0])
            panes.append(
                Pane(
                    centre=np.array([at[0], at[1], sill + height / 2]),
                    along=along * wide / 2,
                    up=np.array([0.0, 0.0, height / 2]),
                    inside=np.array([-along[1], along[0], 0.0]),
                )
            )
    return parts, panes, holes


def build_shell(
    rng: np.random.Generator,
    theme: Theme,
    plan: FloorPlan,
    holes: Sequence[Sequence[tuple[float, float, float, float]]],
) -> list[Part]:
    """Floor, ceiling and walls around the openings, skirting, perhaps beams and a pillar."""
    hue = rng.uniform(0.05, 0.17) if rng.uniform() < 0.5 else rng.uniform()
    colour = hsv(hue, rng.uniform(0.0, 0.65) ** 2, rng.uniform(0.55, 0.95))
    common = wall_material(rng, colour)
    feature = int(rng.integers(4)) if rng.uniform() < 0.35 else -1
    white = paint(rng, hsv(0.12, rng.uniform(0, 0.08), rng.uniform(0.85, 0.97)))
    skirting = white if rng.uniform() < 0.6 else theme.wood(rng)
    parts = [
        slab(plan.width, plan.depth, 0.0, "floor", floor_material(rng, theme)),
        slab(plan.width, plan.depth, plan.height, "ceiling", white),
    ]
    accent = wall_material(rng, hsv(rng.uniform(), rng.uniform(0.2, 0.6), rng.uniform(0.35, 0.85)))
    high = rng.uniform(0.05, 0.12)
    for wall in range(4):
        material = accent if wall == feature else common
        made = _wall(plan.length(wall), plan.height, sorted(holes[wall]), material)
        low = [hole for hole in holes[wall] if hole[1] < high]
        made += _skirting(plan.length(wall), [(a, c) for a, _, c, _ in low], high, skirting)
        parts += moved(made, (*plan.point(wall, 0.0), 0.0), turn=plan.turn(wall))
    if rng.uniform() < 0.1:
        beam = theme.wood(rng)
        for x in np.arange(0.4, plan.width - 0.2, rng.uniform(0.6, 1.0)):
            at = (float(x), plan.depth / 2, plan.height - 0.12)
            parts.append(box((0.1, plan.depth, 0.12), at, "ceiling", beam))
    if rng.uniform() < 0.25:
        wide, deep = rng.uniform(0.3, 1.2), rng.uniform(0.2, 0.5)
        found = plan.find_at_wall(rng, width=wide, depth=deep, height=plan.height, margin=0.0)
        if found is not None:
            wall, s = found
            pillar = box((wide, deep, plan.height), (0, deep / 2, 0), "wall", common)
            parts += moved([pillar], (*plan.point(wall, s), 0.0), turn=plan.turn(wall))
            plan.take(wall, s, width=wide, depth=deep, height=plan.height)
    return parts


def _wall(
    length: float,
    height: float,
    holes: Sequence[tuple[float, float, float, float]],
    material: Material,
) -> list[Part]:
    parts: list[Part] = []
    s = 0.0
    for s0, z0, s1, z1 in holes:
        parts.append(panel(s, 0, s0, height, "wall", material))
        parts.append(panel(s0, 0, s1, z0, "wall", material))
        parts.append(panel(s0, z1, s1, height, "wall", material))
        middle, wide, tall = (s0 + s1) / 2, s1 - s0, z1 - z0
        y = -RECESS / 2
        parts.append(box((wide, RECESS, 0.02), (middle, y, z1), "wall", material))
        parts.append(box((wide, RECESS, 0.02), (middle, y, z0 - 0.025), "wall", material))
        for x in (s0 - 0.01, s1 + 0.01):
            parts.append(box((0.02, RECESS, tall), (x, y - 0.001, z0), "wall", material))
        s = s1
    parts.append(panel(s, 0, length, height, "wall", material))
    return parts


def _skirting(
    length: float, gaps: Sequence[tuple[float, float]], high: float, material: Material
) -> list[Part]:
    parts: list[Part] = []
    s = 0.0
    for start, end in [*sorted(gaps), (length, length)]:
        if start - s > 0.01:
            at = ((s + start) / 2, 0.006, 0.0)
            parts.append(box((start - s, 0.012, high), at, "wall", material))
        s = end
    return parts
