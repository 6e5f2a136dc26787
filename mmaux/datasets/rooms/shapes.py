"""Solids that furniture is made of.

A position ``at`` is the centre of the base, unless a function says otherwise.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from .material import Material
from .part import Part
from .vectors import cross, lengths

Point = tuple[float, float, float]

_BOX = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)])
_BOX_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_BOX_FACES = np.array([t for a, b, c, d in _BOX_QUADS for t in ((a, b, c), (a, c, d))])


def box(size: Point, at: Point, label: str, material: Material, *, taper: float = 1.0) -> Part:
    """A box; its base is ``taper`` times as wide as its top (legs)."""
    corners = _BOX.copy()
    corners[corners[:, 2] == 0, :2] *= taper
    vertices = corners * np.array(size) + np.array(at)
    return Part(vertices, _BOX_FACES, label, material, origin=np.array(at, dtype=np.float64))


def _cube_sphere() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corner (signs), direction and quads of a cube whose edges are rounded in three steps."""
    steps = np.array([-1.0, -0.5, -1e-4, 1e-4, 0.5, 1.0])
    a, b = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    n = len(steps)
    cells = np.array([i * n + j for i in range(n - 1) for j in range(n - 1)])
    quads = np.stack([cells, cells + n, cells + n + 1, cells + 1], axis=1)
    points: list[np.ndarray] = []
    faces: list[np.ndarray] = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            side = np.empty((len(a), 3))
            side[:, axis] = sign
            side[:, (axis + 1) % 3] = a
            side[:, (axis + 2) % 3] = b
            outwards = quads if sign > 0 else quads[:, ::-1]
            faces.append(outwards + len(points) * n * n)
            points.append(side)
    cube = np.concatenate(points)
    return np.sign(cube), cube / lengths(cube), np.concatenate(faces)


_CORNERS, _DIRECTIONS, _ROUND_QUADS = _cube_sphere()
_ROUND_FACES = np.concatenate([_ROUND_QUADS[:, [0, 1, 2]], _ROUND_QUADS[:, [0, 2, 3]]])


def rounded_box(size: Point, at: Point, label: str, material: Material, *, radius: float) -> Part:
    """A box with rounded edges, as upholstery has."""
    half = np.array(size) / 2
    radius = min(radius, float(half.min()) * 0.98)
    vertices = _CORNERS * (half - radius) + _DIRECTIONS * radius
    vertices = vertices + np.array(at) + np.array([0, 0, half[2]])
    normals = _DIRECTIONS[_ROUND_FACES]
    origin = np.array(at, dtype=np.float64)
    return Part(vertices, _ROUND_FACES, label, material, corner_normals=normals, origin=origin)


@lru_cache
def _lathe_grid(rows: int, segments: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row (Q,) and columns of the corners (Q, 4) of each quad, and the triangles (2Q, 3)."""
    row, column = np.meshgrid(np.arange(rows), np.arange(segments), indexing="ij")
    n = segments + 1
    first = (row * n + column).ravel()
    quads = np.stack([first, first + 1, first + n + 1, first + n], axis=1)
    columns = np.stack([column, column + 1, column + 1, column], axis=-1).reshape(-1, 4)
    return row.ravel(), columns, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def lathe(
    profile: Sequence[tuple[float, float]],
    at: Point,
    label: str,
    material: Material,
    *,
    segments: int = 16,
) -> Part:
    """A solid of revolution about z.

    Args:
        profile: (radius, height) from one end to the other.
        at: Where radius 0, height 0 goes.
        label: Class name.
        material: Its look.
        segments: Sides of the circle.
    """
    radii, heights = np.array(profile, dtype=np.float64).T
    angles = np.arange(segments + 1) * (2 * np.pi / segments)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    vertices = np.concatenate(
        [
            radii[:, None, None] * ring[None],
            np.broadcast_to(heights[:, None, None], (len(radii), segments + 1, 1)),
        ],
        axis=2,
    ).reshape(-1, 3)
    row, corner_column, faces = _lathe_grid(len(radii) - 1, segments)
    rise, run = np.diff(heights), np.diff(radii)
    length = np.maximum(np.hypot(rise, run), 1e-9)
    radial, up = (rise / length)[row], (-run / length)[row]
    around = ring[corner_column]
    quad_normals = np.concatenate(
        [
            around * radial[:, None, None],
            np.broadcast_to(up[:, None, None], (len(up), 4, 1)),
        ],
        axis=2,
    )
    normals = np.concatenate([quad_normals[:, [0, 1, 2]], quad_normals[:, [0, 2, 3]]])
    corners = vertices[faces]
    area = lengths(cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))[:, 0]
    keep = area > 1e-10  # at radius 0 half of the triangles are none
    origin = np.array(at, dtype=np.float64)
    return Part(
        vertices + origin, faces[keep], label, material, corner_normals=normals[keep], origin=origin
    )


def cylinder(
    radius: float,
    height: float,
    at: Point,
    label: str,
    material: Material,
    *,
    top: float | None = None,
    segments: int = 14,
) -> Part:
    """A closed cylinder, or a cone whose upper radius is ``top``."""
    upper = radius if top is None else top
    profile = [(0.0, 0.0), (radius, 0.0), (upper, height), (0.0, height)]
    return lathe(profile, at, label, material, segments=segments)


@lru_cache
def _sheet_grid(cells: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parameters u and v of the corners, and the triangles (F, 3)."""
    rows, columns = cells[0] + 1, cells[1] + 1
    u, v = np.meshgrid(np.linspace(0, 1, rows), np.linspace(0, 1, columns), indexing="ij")
    i, j = np.meshgrid(np.arange(cells[0]), np.arange(cells[1]), indexing="ij")
    first = (i * columns + j).ravel()
    upper = np.stack([first, first + columns, first + columns + 1], axis=1)
    lower = np.stack([first, first + columns + 1, first + 1], axis=1)
    return u, v, np.concatenate([upper, lower])


def _differences(grid: np.ndarray) -> np.ndarray:
    """Central differences along the first axis, one-sided at the ends (numpy.gradient's)."""
    result = np.empty_like(grid)
    result[1:-1] = (grid[2:] - grid[:-2]) / 2
    result[0], result[-1] = grid[1] - grid[0], grid[-1] - grid[-2]
    return result


def sheet(
    surface: Callable[[np.ndarray, np.ndarray], np.ndarray],
    label: str,
    material: Material,
    *,
    cells: tuple[int, int],
    smooth: bool = True,
) -> Part:
    """A bent sheet: ``surface`` maps (u, v) in 0..1 to points (..., 3)."""
    u, v, faces = _sheet_grid(cells)
    grid = surface(u, v)
    normals = cross(_differences(grid), _differences(grid.swapaxes(0, 1)).swapaxes(0, 1))
    normals /= np.maximum(lengths(normals), 1e-12)
    vertices = grid.reshape(-1, 3)
    corner_normals = normals.reshape(-1, 3)[faces] if smooth else None
    return Part(vertices, faces, label, material, corner_normals, origin=vertices[0])
