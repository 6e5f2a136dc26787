"""Furniture that belongs together, by kind of room."""

import numpy as np

from .floor_plan import Rectangle
from .furniture.beds import build_bed
from .furniture.piece import Piece, Surface
from .furniture.seating import build_chair, build_sofa
from .furniture.storage import (
    build_bookshelf,
    build_dresser,
    build_kitchen,
    build_low_board,
    build_nightstand,
    build_wardrobe,
)
from .furniture.tables import build_coffee_table, build_desk, build_dining_table, build_side_table
from .furniture.things import build_rug, scatter
from .furniture.wall_items import build_television
from .part import moved
from .placement import Room, dress, lay_rug_before, place, place_at_wall, place_beside


def furnish_living_room(rng: np.random.Generator, room: Room) -> None:
    """A sofa with its table and rug, a television opposite, armchairs, shelves."""
    seats = int(rng.integers(2, 4))
    placed = place_at_wall(
        rng, room, lambda r, t: build_sofa(r, t, seats=seats), front=0.5, gap=0.05
    )
    walls: tuple[int, ...] = (0, 1, 2, 3)
    if placed is not None:
        sofa, wall, s = placed
        walls = ((wall + 2) % 4,) if rng.uniform() < 0.7 else walls
        if rng.uniform() < 0.75:
            lay_rug_before(rng, room, wall, s, sofa.depth * 0.7)
        if rng.uniform() < 0.8:
            table = dress(
                rng, room, build_coffee_table(rng, room.theme), count=int(rng.integers(0, 5))
            )
            out = 0.05 + sofa.depth + rng.uniform(0.25, 0.45)
            if room.plan.free(room.plan.footprint(wall, s, table.width, table.depth, out)):
                place(rng, room, table, wall, s, out=out)
        for side in (-1, 1):
            if rng.uniform() < 0.4:
                place_beside(rng, room, wall, s + side * (sofa.width / 2 + 0.36), build_side_table)
    _television_board(rng, room, walls)
    for _ in range(int(rng.integers(0, 3))):
        place_at_wall(rng, room, lambda r, t: build_sofa(r, t, seats=1), front=0.3, gap=0.1)
    for _ in range(int(rng.integers(0, 3))):
        place_at_wall(rng, room, build_bookshelf, count=3)


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
    place(rng, room, piece, wall, s, out=0.01)


def furnish_bedroom(rng: np.random.Generator, room: Room) -> None:
    """A bed with nightstands, a wardrobe, a dresser, perhaps a desk."""
    placed = place_at_wall(rng, room, build_bed, front=0.35)
    if placed is not None:
        bed, wall, s = placed
        for side in (-1, 1):
            if rng.uniform() < 0.75:
                place_beside(rng, room, wall, s + side * (bed.width / 2 + 0.3), build_nightstand)
        if rng.uniform() < 0.5:
            lay_rug_before(rng, room, wall, s, bed.depth * 0.6)
    place_at_wall(rng, room, build_wardrobe, front=0.4)
    if rng.uniform() < 0.5:
        _television_board(rng, room, (0, 1, 2, 3))
    else:
        place_at_wall(rng, room, build_dresser, count=int(rng.integers(1, 6)), lamp=0.3)
    if rng.uniform() < 0.5:
        _desk(rng, room)
    if rng.uniform() < 0.4:
        place_at_wall(rng, room, build_bookshelf, count=3)
    if rng.uniform() < 0.3:
        place_at_wall(rng, room, lambda r, t: build_sofa(r, t, seats=1), gap=0.1)


def _desk(rng: np.random.Generator, room: Room) -> None:
    placed = place_at_wall(
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


def furnish_study(rng: np.random.Generator, room: Room) -> None:
    """Desks with chairs, bookshelves."""
    for _ in range(int(rng.integers(1, 3))):
        _desk(rng, room)
    if rng.uniform() < 0.3:
        _television_board(rng, room, (0, 1, 2, 3))
    for _ in range(int(rng.integers(1, 4))):
        place_at_wall(rng, room, build_bookshelf, count=4)
    if rng.uniform() < 0.5:
        place_at_wall(
            rng, room, lambda r, t: build_sofa(r, t, seats=int(r.integers(1, 3))), gap=0.05
        )
    if rng.uniform() < 0.3:
        place_at_wall(rng, room, build_dresser, count=4)


def furnish_dining_room(rng: np.random.Generator, room: Room) -> None:
    """A table with chairs around it, perhaps a kitchen."""
    if rng.uniform() < 0.5:
        place_at_wall(rng, room, build_kitchen, count=int(rng.integers(2, 7)), front=0.5)
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
        place_at_wall(rng, room, build_dresser, count=4, lamp=0.2)
    if rng.uniform() < 0.5:
        place_at_wall(rng, room, build_bookshelf, count=3)
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
    dress(rng, room, table, count=int(rng.integers(0, 7)))
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
