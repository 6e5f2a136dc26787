"""A furnished room."""

import numpy as np

from .arrangements import furnish_bedroom, furnish_dining_room, furnish_living_room, furnish_study
from .floor_plan import FloorPlan
from .furniture.lamps import Light, build_ceiling_lamp, build_standing_lamp
from .furniture.seating import build_chair, build_stool
from .furniture.storage import (
    build_bookshelf,
    build_dresser,
    build_wardrobe,
)
from .furniture.tables import build_side_table
from .furniture.things import build_floor_thing, build_wall_shelf
from .furniture.wall_items import build_mirror, build_picture
from .kinds import draw_kind
from .part import moved
from .placement import Room, place_at_wall, shifted_light
from .shell import build_openings, build_shell
from .theme import Theme


def build_room(rng: np.random.Generator) -> Room:
    """A living room, bedroom, study, dining room or kitchen."""
    kind = draw_kind(rng)
    size = np.sort(rng.uniform(3.0, 6.0, 2))
    width, depth = rng.permutation(size)
    plan = FloorPlan(float(width), float(depth), float(rng.uniform(2.3, 2.9)))
    day = float(rng.choice([0.02, 1.5, 2.5, 4.0], p=[0.2, 0.25, 0.35, 0.2]))
    room = Room(kind, plan, Theme.draw(rng), day=day)
    parts, room.panes, holes = build_openings(rng, room.theme, plan, day=day)
    room.parts += parts
    room.parts += build_shell(rng, room.theme, plan, holes)
    {
        "living room": furnish_living_room,
        "bedroom": furnish_bedroom,
        "study": furnish_study,
        "dining room": furnish_dining_room,
    }[kind](rng, room)
    _fill_up(rng, room)
    _hang(rng, room)
    _floor_clutter(rng, room)
    _ceiling_light(rng, room)
    return room


def _fill_up(rng: np.random.Generator, room: Room) -> None:
    """What any room may have."""
    if rng.uniform() < 0.4:
        place_at_wall(rng, room, build_side_table, count=2, lamp=0.5)
    for builder in (build_bookshelf, build_dresser, build_wardrobe):
        if rng.uniform() < 0.3:
            place_at_wall(rng, room, builder, count=3)
    if rng.uniform() < 0.3:
        place_at_wall(rng, room, build_stool)
    if rng.uniform() < 0.3:
        place_at_wall(rng, room, build_chair, gap=0.08)
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
            room.lights += [shifted_light(light, x, y) for light in lights]
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
    room.lights += [shifted_light(light, x, y) for light in lights]
    if night and not room.lights:
        room.lights.append(Light((x, y, room.plan.height - 0.15), (1.1, 1.0, 0.85), 1.5))
