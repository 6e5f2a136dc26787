"""Rooms, and putting furniture into them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .floor_plan import FloorPlan
from .furniture.lamps import Light, build_standing_lamp
from .furniture.piece import Piece, Surface
from .furniture.things import build_rug, scatter
from .part import Part, moved
from .shell import Pane
from .theme import Theme

Builder = Callable[[np.random.Generator, Theme], Piece]


@dataclass
class Room:
    """Geometry and light of a room.

    Attributes:
        kind: One of :data:`mmaux.datasets.rooms.kinds.KINDS`.
        plan: Its size and what stands where.
        theme: Its palette.
        parts: All geometry, in world coordinates.
        lights: Lamps that are on.
        panes: Windows.
        day: Brightness outside, 0 at night.
        interest: Points that a camera may aim at, with the size of what is there, metres.
    """

    kind: str
    plan: FloorPlan
    theme: Theme
    parts: list[Part] = field(default_factory=list)
    lights: list[Light] = field(default_factory=list)
    panes: list[Pane] = field(default_factory=list)
    day: float = 0.0
    interest: list[tuple[np.ndarray, float]] = field(default_factory=list)


def place(
    rng: np.random.Generator,
    room: Room,
    piece: Piece,
    wall: int,
    s: float,
    *,
    out: float = 0.0,
    jitter: float = 0.0,
) -> None:
    """Put a piece at ``s`` along a wall, ``out`` metres from it, and mark its place."""
    x, y = room.plan.point(wall, s, out)
    turn = room.plan.turn(wall) + jitter
    room.parts += moved(piece.parts, (x, y, 0.0), turn=turn)
    area = room.plan.footprint(wall, s, piece.width, piece.depth, out)
    room.plan.taken.append(area)
    if out < 0.3:
        half = piece.width / 2
        room.plan.on_wall[wall].append((s - half, 0.0, s + half, piece.height))
    middle = room.plan.point(wall, s, out + piece.depth / 2)
    target = np.array([*middle, piece.height * 0.6])
    room.interest.append((target, max(piece.width, piece.height)))


def dress(
    rng: np.random.Generator,
    room: Room,
    piece: Piece,
    *,
    count: int,
    desk: bool = False,
    lamp: float = 0.0,
) -> Piece:
    """The piece with clutter, perhaps a lamp (which shines), on its surfaces."""
    for surface in piece.surfaces:
        parts = piece.parts
        if rng.uniform() < lamp:
            made, radius, lights = build_standing_lamp(
                rng, room.theme, height=rng.uniform(0.35, 0.6), on=rng.uniform() < 0.5
            )
            x = float(rng.choice([-1, 1])) * max((surface.x1 - surface.x0) / 2 - radius, 0)
            x += (surface.x0 + surface.x1) / 2
            y = surface.y0 + min(radius, (surface.y1 - surface.y0) / 2)
            parts += moved(made, (x, y, surface.z))
            piece_lights = [(x, y, light.raised(surface.z)) for light in lights]
            room.lights += [shifted_light(light, x, y) for x, y, light in piece_lights]
            narrow = surface.x1 - surface.x0 < 4 * radius
            if narrow:
                continue
            surface = (
                Surface(surface.x0 + 2 * radius, surface.y0, surface.x1, surface.y1, surface.z)
                if x < 0
                else Surface(surface.x0, surface.y0, surface.x1 - 2 * radius, surface.y1, surface.z)
            )
        parts += scatter(rng, room.theme, surface, count=count, desk=desk)
    return piece


def shifted_light(light: Light, x: float, y: float) -> Light:
    """The same light, moved along x and y."""
    return Light(
        (light.position[0] + x, light.position[1] + y, light.position[2]),
        light.colour,
        light.power,
        light.radius,
    )


def place_at_wall(
    rng: np.random.Generator,
    room: Room,
    builder: Builder,
    *,
    count: int = 0,
    desk: bool = False,
    lamp: float = 0.0,
    front: float = 0.0,
    gap: float = 0.01,
    walls: tuple[int, ...] = (0, 1, 2, 3),
) -> tuple[Piece, int, float] | None:
    """Build and place against a wall where there is room."""
    piece = builder(rng, room.theme)
    found = room.plan.find_at_wall(
        rng,
        width=piece.width,
        depth=piece.depth + gap,
        height=piece.height,
        front=front,
        walls=walls,
    )
    if found is None:
        return None
    before = len(room.lights)
    piece = dress(rng, room, piece, count=count, desk=desk, lamp=lamp)
    wall, s = found
    place(rng, room, piece, wall, s, out=gap)
    room.lights[before:] = [_to_world(room, light, wall, s, gap) for light in room.lights[before:]]
    return piece, wall, s


def _to_world(room: Room, light: Light, wall: int, s: float, out: float) -> Light:
    x, y, z = light.position
    world = room.plan.point(wall, s + x, out + y)
    return Light((*world, z), light.colour, light.power, light.radius)


def lay_rug_before(rng: np.random.Generator, room: Room, wall: int, s: float, out: float) -> None:
    """Lay a rug ``out`` metres from a wall, if there is room."""
    width, depth = rng.uniform(1.4, 2.4), rng.uniform(1.0, 1.7)
    area = room.plan.footprint(wall, s, width, depth, out)
    if room.plan.inside(area):
        x, y = room.plan.point(wall, s, out + depth / 2)
        rug = build_rug(rng, room.theme, width, depth)
        room.parts += moved(rug, (x, y, 0.0), turn=room.plan.turn(wall))


def place_beside(
    rng: np.random.Generator, room: Room, wall: int, s: float, builder: Builder
) -> None:
    """Put a small piece with a lamp at ``s`` along a wall, if there is room."""
    piece = builder(rng, room.theme)
    if not room.plan.free(room.plan.footprint(wall, s, piece.width, piece.depth)):
        return
    before = len(room.lights)
    dress(rng, room, piece, count=int(rng.integers(0, 3)), lamp=0.6)
    place(rng, room, piece, wall, s, out=0.02)
    room.lights[before:] = [_to_world(room, light, wall, s, 0.02) for light in room.lights[before:]]
