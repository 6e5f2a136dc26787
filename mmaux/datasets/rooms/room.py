"""A furnished room."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .floor_plan import FloorPlan, Rectangle
from .furniture.beds import build_bed
from .furniture.lamps import Light, build_ceiling_lamp, build_standing_lamp
from .furniture.piece import Piece, Surface
from .furniture.seating import build_chair, build_sofa, build_stool
from .furniture.storage import (
    build_bookshelf,
    build_dresser,
    build_kitchen,
    build_low_board,
    build_nightstand,
    build_wardrobe,
)
from .furniture.tables import build_coffee_table, build_desk, build_dining_table, build_side_table
from .furniture.things import build_floor_thing, build_rug, build_wall_shelf, scatter
from .furniture.wall_items import build_mirror, build_picture, build_television
from .part import Part, moved
from .shell import Pane, build_openings, build_shell
from .theme import Theme

Builder = Callable[[np.random.Generator, Theme], Piece]


@dataclass
class Room:
    """Geometry and light of a room.

    Attributes:
        plan: Its size and what stands where.
        theme: Its palette.
        parts: All geometry, in world coordinates.
        lights: Lamps that are on.
        panes: Windows.
        day: Brightness outside, 0 at night.
        interest: Points that a camera may aim at, with the size of what is there, metres.
    """

    plan: FloorPlan
    theme: Theme
    parts: list[Part] = field(default_factory=list)
    lights: list[Light] = field(default_factory=list)
    panes: list[Pane] = field(default_factory=list)
    day: float = 0.0
    interest: list[tuple[np.ndarray, float]] = field(default_factory=list)


def build_room(rng: np.random.Generator) -> Room:
    """A living room, bedroom, study, dining room or kitchen."""
    kind = str(rng.choice(["living", "bedroom", "study", "dining"], p=[0.38, 0.28, 0.16, 0.18]))
    size = np.sort(rng.uniform(3.0, 6.0, 2))
    width, depth = rng.permutation(size)
    plan = FloorPlan(float(width), float(depth), float(rng.uniform(2.3, 2.9)))
    day = float(rng.choice([0.02, 1.5, 2.5, 4.0], p=[0.2, 0.25, 0.35, 0.2]))
    room = Room(plan, Theme.draw(rng), day=day)
    parts, room.panes, holes = build_openings(rng, room.theme, plan, day=day)
    room.parts += parts
    room.parts += build_shell(rng, room.theme, plan, holes)
    {"living": _living, "bedroom": _bedroom, "study": _study, "dining": _dining}[kind](rng, room)
    _fill_up(rng, room)
    _hang(rng, room)
    _floor_clutter(rng, room)
    _ceiling_light(rng, room)
    return room


def _place(
    rng: np.random.Generator,
    room: Room,
    piece: Piece,
    wall: int,
    s: float,
    *,
    out: float = 0.0,
    jitter: float = 0.0,
) -> None:
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


def _dress(
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
            room.lights += [_shift(light, x, y) for x, y, light in piece_lights]
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


def _shift(light: Light, x: float, y: float) -> Light:
    return Light(
        (light.position[0] + x, light.position[1] + y, light.position[2]),
        light.colour,
        light.power,
        light.radius,
    )


def _at_wall(
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
    piece = _dress(rng, room, piece, count=count, desk=desk, lamp=lamp)
    wall, s = found
    _place(rng, room, piece, wall, s, out=gap)
    room.lights[before:] = [_to_world(room, light, wall, s, gap) for light in room.lights[before:]]
    return piece, wall, s


def _to_world(room: Room, light: Light, wall: int, s: float, out: float) -> Light:
    x, y, z = light.position
    world = room.plan.point(wall, s + x, out + y)
    return Light((*world, z), light.colour, light.power, light.radius)


def _rug_before(rng: np.random.Generator, room: Room, wall: int, s: float, out: float) -> None:
    width, depth = rng.uniform(1.4, 2.4), rng.uniform(1.0, 1.7)
    area = room.plan.footprint(wall, s, width, depth, out)
    if room.plan.inside(area):
        x, y = room.plan.point(wall, s, out + depth / 2)
        rug = build_rug(rng, room.theme, width, depth)
        room.parts += moved(rug, (x, y, 0.0), turn=room.plan.turn(wall))


def _living(rng: np.random.Generator, room: Room) -> None:
    seats = int(rng.integers(2, 4))
    placed = _at_wall(rng, room, lambda r, t: build_sofa(r, t, seats=seats), front=0.5, gap=0.05)
    walls: tuple[int, ...] = (0, 1, 2, 3)
    if placed is not None:
        sofa, wall, s = placed
        walls = ((wall + 2) % 4,) if rng.uniform() < 0.7 else walls
        if rng.uniform() < 0.75:
            _rug_before(rng, room, wall, s, sofa.depth * 0.7)
        if rng.uniform() < 0.8:
            table = _dress(
                rng, room, build_coffee_table(rng, room.theme), count=int(rng.integers(0, 5))
            )
            out = 0.05 + sofa.depth + rng.uniform(0.25, 0.45)
            if room.plan.free(room.plan.footprint(wall, s, table.width, table.depth, out)):
                _place(rng, room, table, wall, s, out=out)
        for side in (-1, 1):
            if rng.uniform() < 0.4:
                _beside(rng, room, wall, s + side * (sofa.width / 2 + 0.36), build_side_table)
    _television_board(rng, room, walls)
    for _ in range(int(rng.integers(0, 3))):
        _at_wall(rng, room, lambda r, t: build_sofa(r, t, seats=1), front=0.3, gap=0.1)
    for _ in range(int(rng.integers(0, 3))):
        _at_wall(rng, room, build_bookshelf, count=3)


def _beside(rng: np.random.Generator, room: Room, wall: int, s: float, builder: Builder) -> None:
    piece = builder(rng, room.theme)
    if not room.plan.free(room.plan.footprint(wall, s, piece.width, piece.depth)):
        return
    before = len(room.lights)
    _dress(rng, room, piece, count=int(rng.integers(0, 3)), lamp=0.6)
    _place(rng, room, piece, wall, s, out=0.02)
    room.lights[before:] = [_to_world(room, light, wall, s, 0.02) for light in room.lights[before:]]


def _television_board(rng: np.random.Generator, room: Room, walls: tuple[int, ...]) -> None:
    if rng.uniform() < 0.1:
        return
    board = build_low_board(rng, room.theme)
    found = room.plan.find_at_wall(
        rng, width=board.width, depth=board.depth, height=1.5, front=0.3, walls=walls
    ) or room.plan.find_at_wall(rng, width=board.width, depth=board.depth, height=1.5)
    if found is None:
        return
    wall, s = found
    width = float(min(rng.uniform(0.75, 1.35), board.width))
    hanging = rng.uniform() < 0.3
    parts, tall = build_television(rng, width=width, stand=not hanging)
    z = board.height + (rng.uniform(0.12, 0.4) if hanging else 0.0)
    y = 0.0 if hanging else board.depth * 0.25
    board.parts.extend(moved(parts, (0, y, z)))
    for surface in board.surfaces:
        sides = (surface.x0, -width / 2), (width / 2, surface.x1)
        for x0, x1 in sides:
            if x1 - x0 > 0.15:
                strip = Surface(0, surface.y0, x1 - x0, surface.y1, surface.z)
                things = scatter(rng, room.theme, strip, count=2, height=0.3)
                board.parts.extend(moved(things, (x0, 0, 0)))
    piece = Piece(board.parts, board.width, board.depth, z + tall)
    _place(rng, room, piece, wall, s, out=0.01)


def _bedroom(rng: np.random.Generator, room: Room) -> None:
    placed = _at_wall(rng, room, build_bed, front=0.35)
    if placed is not None:
        bed, wall, s = placed
        for side in (-1, 1):
            if rng.uniform() < 0.75:
                _beside(rng, room, wall, s + side * (bed.width / 2 + 0.3), build_nightstand)
        if rng.uniform() < 0.5:
            _rug_before(rng, room, wall, s, bed.depth * 0.6)
    _at_wall(rng, room, build_wardrobe, front=0.4)
    if rng.uniform() < 0.5:
        _television_board(rng, room, (0, 1, 2, 3))
    else:
        _at_wall(rng, room, build_dresser, count=int(rng.integers(1, 6)), lamp=0.3)
    if rng.uniform() < 0.5:
        _desk(rng, room)
    if rng.uniform() < 0.4:
        _at_wall(rng, room, build_bookshelf, count=3)
    if rng.uniform() < 0.3:
        _at_wall(rng, room, lambda r, t: build_sofa(r, t, seats=1), gap=0.1)


def _desk(rng: np.random.Generator, room: Room) -> None:
    placed = _at_wall(
        rng, room, build_desk, count=int(rng.integers(2, 8)), desk=True, lamp=0.4, front=0.55
    )
    if placed is not None:
        desk, wall, s = placed
        chair = build_chair(rng, room.theme)
        # The chair's front faces the wall: it stands turned by half a turn.
        out = desk.depth + rng.uniform(-0.15, 0.25)
        x, y = room.plan.point(wall, s + rng.uniform(-0.2, 0.2), out + chair.depth)
        turn = room.plan.turn(wall) + np.pi + rng.normal() * 0.25
        room.parts += moved(chair.parts, (x, y, 0.0), turn=turn)
        room.plan.taken.append(room.plan.footprint(wall, s, 0.6, 0.7, desk.depth))
        room.interest.append((np.array([x, y, 0.6]), 0.9))


def _study(rng: np.random.Generator, room: Room) -> None:
    for _ in range(int(rng.integers(1, 3))):
        _desk(rng, room)
    if rng.uniform() < 0.3:
        _television_board(rng, room, (0, 1, 2, 3))
    for _ in range(int(rng.integers(1, 4))):
        _at_wall(rng, room, build_bookshelf, count=4)
    if rng.uniform() < 0.5:
        _at_wall(rng, room, lambda r, t: build_sofa(r, t, seats=int(r.integers(1, 3))), gap=0.05)
    if rng.uniform() < 0.3:
        _at_wall(rng, room, build_dresser, count=4)


def _dining(rng: np.random.Generator, room: Room) -> None:
    if rng.uniform() < 0.5:
        _at_wall(rng, room, build_kitchen, count=int(rng.integers(2, 7)), front=0.5)
    table = build_dining_table(rng, room.theme)
    for _ in range(12):
        x = rng.uniform(1.0, max(room.plan.width - 1.0, 1.1))
        y = rng.uniform(1.0, max(room.plan.depth - 1.0, 1.1))
        along_x = rng.uniform() < 0.5
        w, d = (table.width, table.depth) if along_x else (table.depth, table.width)
        area = (x - w / 2 - 0.25, y - d / 2 - 0.25, x + w / 2 + 0.25, y + d / 2 + 0.25)
        if room.plan.free(area):
            _set_table(rng, room, table, (x, y), turn=0.0 if along_x else np.pi / 2, area=area)
            break
    if rng.uniform() < 0.5:
        _at_wall(rng, room, build_dresser, count=4, lamp=0.2)
    if rng.uniform() < 0.5:
        _at_wall(rng, room, build_bookshelf, count=3)
    if rng.uniform() < 0.5:
        _television_board(rng, room, (0, 1, 2, 3))


def _set_table(
    rng: np.random.Generator,
    room: Room,
    table: Piece,
    at: tuple[float, float],
    *,
    turn: float,
    area: Rectangle,
) -> None:
    _dress(rng, room, table, count=int(rng.integers(0, 7)))
    turn += rng.normal() * 0.04
    shifted = moved(table.parts, (0, -table.depth / 2, 0))
    room.parts += moved(shifted, (*at, 0.0), turn=turn)
    room.plan.taken.append(area)
    room.interest.append((np.array([*at, 0.6]), table.width))
    if rng.uniform() < 0.4:
        rug = build_rug(rng, room.theme, table.width + 0.9, table.depth + 1.0)
        room.parts += moved(rug, (*at, 0.0), turn=turn)
    seed = rng.integers(2**32)
    seats = max(1, int(table.width / 0.6))
    places = [((i + 0.5) / seats - 0.5, side) for i in range(seats) for side in (-1, 1)]
    for share, side in places:
        if rng.uniform() < 0.2:
            continue
        chair = build_chair(np.random.default_rng(seed), room.theme)  # all of one kind
        parts = moved(chair.parts, (0, -chair.depth / 2, 0), turn=rng.normal() * 0.15)
        y = -(table.depth / 2 + rng.uniform(-0.1, 0.3))
        parts = moved(parts, (share * table.width * side, y, 0.0))
        parts = moved(parts, turn=0.0 if side > 0 else np.pi)
        room.parts += moved(parts, (*at, 0.0), turn=turn)


def _fill_up(rng: np.random.Generator, room: Room) -> None:
    """What any room may have."""
    if rng.uniform() < 0.4:
        _at_wall(rng, room, build_side_table, count=2, lamp=0.5)
    for builder in (build_bookshelf, build_dresser, build_wardrobe):
        if rng.uniform() < 0.3:
            _at_wall(rng, room, builder, count=3)
    if rng.uniform() < 0.3:
        _at_wall(rng, room, build_stool)
    if rng.uniform() < 0.3:
        _at_wall(rng, room, build_chair, gap=0.08)
    if rng.uniform() < 0.35:
        on = rng.uniform() < 0.6
        parts, radius, lights = build_standing_lamp(
            rng, room.theme, height=rng.uniform(1.35, 1.75), on=on
        )
        found = room.plan.find_at_wall(rng, width=2 * radius, depth=2 * radius + 0.05, height=1.8)
        if found is not None:
            wall, s = found
            x, y = room.plan.point(wall, s, radius + 0.05)
            room.parts += moved(parts, (x, y, 0.0))
            room.lights += [_shift(light, x, y) for light in lights]
            room.plan.take(wall, s, width=2 * radius, depth=2 * radius, height=1.8)


def _hang(rng: np.random.Generator, room: Room) -> None:
    """Pictures, mirrors and boards on free wall."""
    for wall in range(4):
        for _ in range(int(rng.integers(0, 5))):
            draw = rng.uniform()
            if draw < 0.8:
                width, height = rng.uniform(0.25, 1.1), rng.uniform(0.25, 0.85)
                parts = build_picture(rng, room.theme, width=width, height=height)
            elif draw < 0.9:
                width, height = rng.uniform(0.4, 0.7), rng.uniform(0.6, 1.1)
                parts = build_mirror(rng, room.theme, width=width, height=height)
            else:
                parts, width, height = build_wall_shelf(rng, room.theme)
            for _ in range(5):
                spare = room.plan.length(wall) - width - 0.2
                if spare <= 0:
                    break
                s = 0.1 + width / 2 + rng.uniform() * spare
                z = float(
                    np.clip(
                        rng.uniform(1.35, 1.7) - height / 2, 0.9, room.plan.height - height - 0.1
                    )
                )
                area = (s - width / 2 - 0.06, z - 0.06, s + width / 2 + 0.06, z + height + 0.06)
                if room.plan.wall_free(wall, area):
                    at = (*room.plan.point(wall, s, 0.001), z)
                    room.parts += moved(parts, at, turn=room.plan.turn(wall))
                    room.plan.on_wall[wall].append(area)
                    room.interest.append((np.array([*at[:2], z + height / 2]), max(width, height)))
                    break


def _floor_clutter(rng: np.random.Generator, room: Room) -> None:
    for _ in range(int(rng.integers(1, 8))):
        parts, radius = build_floor_thing(rng, room.theme)
        for _ in range(6):
            wall = int(rng.integers(4))
            out = radius + 0.03 + (rng.uniform(0, 1.2) if rng.uniform() < 0.3 else 0.0)
            s = rng.uniform(radius, room.plan.length(wall) - radius)
            area = room.plan.footprint(wall, s, 2 * radius, 2 * radius, out - radius)
            if room.plan.free(area):
                x, y = room.plan.point(wall, s, out)
                room.parts += moved(parts, (x, y, 0.0), turn=rng.uniform(0, 2 * np.pi))
                room.plan.taken.append(area)
                break


def _ceiling_light(rng: np.random.Generator, room: Room) -> None:
    night = room.day < 0.5 or not room.panes
    on = bool(rng.uniform() < (0.9 if night else 0.4))
    parts, lights = build_ceiling_lamp(rng, ceiling=room.plan.height, on=on)
    x = room.plan.width * rng.uniform(0.4, 0.6)
    y = room.plan.depth * rng.uniform(0.4, 0.6)
    room.parts += moved(parts, (x, y, 0.0))
    room.lights += [_shift(light, x, y) for light in lights]
    if night and not room.lights:
        room.lights.append(Light((x, y, room.plan.height - 0.15), (1.1, 1.0, 0.85), 1.5))
