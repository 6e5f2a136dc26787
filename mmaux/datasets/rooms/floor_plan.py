"""Where things may stand: walls, openings and footprints of a rectangular room."""

from dataclasses import dataclass, field

import numpy as np

Rectangle = tuple[float, float, float, float]
"""(x0, y0, x1, y1) on the floor, or (s0, z0, s1, z1) on a wall, metres."""


def overlap(a: Rectangle, b: Rectangle) -> bool:
    """Whether two rectangles share more than their border."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@dataclass
class FloorPlan:
    """A room from (0, 0) to (width, depth) with walls 0 (y = 0), 1 (x = width), 2, 3 (x = 0).

    A place on a wall is the distance s from the corner where the wall starts, seen from inside
    from left to right being from large to small s; things on it are turned by :meth:`turn`.
    """

    width: float
    depth: float
    height: float
    taken: list[Rectangle] = field(default_factory=list)
    on_wall: tuple[list[Rectangle], ...] = field(default_factory=lambda: ([], [], [], []))

    def length(self, wall: int) -> float:
        """Of a wall, metres."""
        return self.depth if wall % 2 else self.width

    @staticmethod
    def turn(wall: int) -> float:
        """Angle about z that turns +y to the inside of the room."""
        return wall * np.pi / 2

    def point(self, wall: int, s: float, out: float = 0.0) -> tuple[float, float]:
        """World (x, y) at ``s`` along a wall, ``out`` metres into the room."""
        corner = ((0, 0), (self.width, 0), (self.width, self.depth), (0, self.depth))[wall]
        along = ((1, 0), (0, 1), (-1, 0), (0, -1))[wall]
        inside = ((0, 1), (-1, 0), (0, -1), (1, 0))[wall]
        x, y = (float(c + s * a + out * i) for c, a, i in zip(corner, along, inside, strict=True))
        return x, y

    def footprint(
        self, wall: int, s: float, width: float, depth: float, out: float = 0.0
    ) -> Rectangle:
        """Floor rectangle of a thing of this width at ``s`` along a wall."""
        xa, ya = self.point(wall, s - width / 2, out)
        xb, yb = self.point(wall, s + width / 2, out + depth)
        return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)

    def inside(self, area: Rectangle) -> bool:
        """Whether a floor rectangle lies in the room."""
        return (
            area[0] >= -1e-6
            and area[1] >= -1e-6
            and area[2] <= self.width + 1e-6
            and area[3] <= self.depth + 1e-6
        )

    def free(self, area: Rectangle) -> bool:
        """Whether nothing stands there and it lies in the room."""
        return self.inside(area) and not any(overlap(area, other) for other in self.taken)

    def wall_free(self, wall: int, area: Rectangle) -> bool:
        """Whether a rectangle of a wall carries nothing."""
        s0, z0, s1, z1 = area
        fits = s0 >= 0 and s1 <= self.length(wall) and z0 >= 0 and z1 <= self.height
        return fits and not any(overlap(area, other) for other in self.on_wall[wall])

    def find_at_wall(
        self,
        rng: np.random.Generator,
        *,
        width: float,
        depth: float,
        height: float,
        margin: float = 0.04,
        front: float = 0.0,
        walls: tuple[int, ...] = (0, 1, 2, 3),
        tries: int = 14,
    ) -> tuple[int, float] | None:
        """A free (wall, s) for a thing, or None; it is not taken yet.

        Args:
            rng: Chooses.
            width: Along the wall.
            depth: Into the room.
            height: Windows higher than that may be above it.
            margin: Free space at both sides.
            front: Free space in front of it.
            walls: Which may be used.
            tries: Before giving up.
        """
        for _ in range(tries):
            wall = int(rng.choice(walls))
            spare = self.length(wall) - width - 2 * margin
            if spare <= 0:
                continue
            where = rng.uniform()
            if rng.uniform() < 0.35:
                where = round(where)  # into a corner
            s = margin + width / 2 + where * spare
            area = self.footprint(wall, s, width + 2 * margin, depth + front)
            if self.free(area) and self.wall_free(
                wall, (s - width / 2, 0.0, s + width / 2, height)
            ):
                return wall, float(s)
        return None

    def take(self, wall: int, s: float, *, width: float, depth: float, height: float) -> None:
        """Mark a place at a wall as used, on the floor and on the wall."""
        self.taken.append(self.footprint(wall, s, width, depth))
        self.on_wall[wall].append((s - width / 2, 0.0, s + width / 2, height))
