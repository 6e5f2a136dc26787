"""Light in a room: lamps, windows, the sun, and one bounce from all that they light.

Every pixel samples each lamp, each window and the hemisphere once, in such a way that 15x15
neighbours together cover them evenly; a filter over those of the neighbours that are on the same
side of the same part then removes the noise.
"""

from dataclasses import dataclass

import numpy as np

from .furniture.lamps import Light
from .placement import Room
from .scene import Scene
from .shell import Pane
from .surface import SurfacePoints
from .vectors import dot

_TILE = 5
_SPREAD = 3
_SKY = np.array([0.85, 0.95, 1.15], dtype=np.float32)
_OFFSET = 2e-4


@dataclass(frozen=True)
class Sun:
    """Parallel light through the windows.

    Attributes:
        towards: Unit vector to the sun.
        colour: Linear RGB of the irradiance.
    """

    towards: np.ndarray
    colour: np.ndarray


def draw_sun(rng: np.random.Generator, room: Room) -> Sun | None:
    """A sun that shines into one of the windows, sometimes."""
    if room.day < 2 or not room.panes or rng.uniform() < 0.45:
        return None
    pane = room.panes[rng.integers(len(room.panes))]
    height, aside = rng.uniform(0.35, 0.95), rng.uniform(-0.9, 0.9)
    outward = -pane.inside
    side = np.array([-outward[1], outward[0], 0.0])
    level = outward * np.cos(aside) + side * np.sin(aside)
    towards = level * np.cos(height) + np.array([0, 0, np.sin(height)])
    colour = np.array([1.15, 1.0, 0.82]) * rng.uniform(2.5, 6) * room.day / 3
    return Sun(towards.astype(np.float32), colour.astype(np.float32))


def irradiance(
    rng: np.random.Generator,
    room: Room,
    scene: Scene,
    sun: Sun | None,
    points: SurfacePoints,
    size: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Light that arrives at the pixels (H * W) of an image.

    Returns:
        Diffuse irradiance (N, 3), and the visibility (L, N), 0 to 1, of each lamp, which highlights
        need.
    """
    start = points.position + points.normal * _OFFSET
    total = _indirect(_even(rng, size), room, scene, points, start)
    visibilities = []
    for light in room.lights:
        share, visible = _from_lamp(_even(rng, size), scene, light, points, start)
        total += share[:, None] * np.array(light.colour, dtype=np.float32)
        visibilities.append(visible)
    for pane in room.panes if room.day > 0.05 else ():
        total += (
            _from_pane(_even(rng, size), scene, pane, points, start)[:, None]
            * _SKY
            * np.float32(room.day)
        )
    key = sides_of(points)
    smooth = _filter(total, key, size)
    if sun is not None:
        smooth += _filter(
            _from_sun(_even(rng, size), scene, sun, points, start), key, size, ((1, 2),)
        )
    if not visibilities:
        return smooth, np.zeros((0, len(start)), dtype=np.float32)
    seen = _filter(np.stack(visibilities, axis=-1).astype(np.float32), key, size, ((1, 2),))
    return smooth, seen.T


def _even(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Numbers (2, H * W) in 0..1 of which any 15x15 pixels cover the square evenly."""
    side = _TILE * _SPREAD
    cells = rng.permutation(_TILE * _TILE).reshape(_TILE, _TILE)
    cells = np.tile(cells, (_SPREAD, _SPREAD))  # each 5x5 pixels cover a grid of 5x5 cells
    within = rng.permutation(_SPREAD * _SPREAD).reshape(_SPREAD, _SPREAD)
    within = np.kron(within, np.ones((_TILE, _TILE), dtype=int))
    offset = rng.uniform(size=2)
    pair = [
        ((cells // _TILE) + (within // _SPREAD) / _SPREAD) / _TILE + offset[0],
        ((cells % _TILE) + (within % _SPREAD) / _SPREAD) / _TILE + offset[1],
    ]
    repeats = (1, size[0] // side + 1, size[1] // side + 1)
    filled = np.tile(np.mod(np.array(pair), 1.0), repeats)[:, : size[0], : size[1]]
    return filled.reshape(2, -1).astype(np.float32)


def _on_ball(even: np.ndarray) -> np.ndarray:
    """Unit vectors (N, 3) from numbers (2, N) in 0..1."""
    z, angle = 2 * even[0] - 1, 2 * np.pi * even[1]
    radius = np.sqrt(np.maximum(1 - z * z, 0))
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=-1)


def _from_lamp(
    even: np.ndarray,
    scene: Scene,
    light: Light,
    points: SurfacePoints,
    start: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    spot = _on_ball(even) * np.float32(light.radius)
    to_light = np.array(light.position, dtype=np.float32) + spot - start
    visible = ~scene.blocked(start, to_light, np.full(len(start), 0.995))
    square = np.maximum(dot(to_light, to_light), 0.15)
    cosine = dot(to_light, points.shading_normal) / np.sqrt(square)
    return np.clip(cosine, 0, 1) / square * visible * np.float32(light.power), visible


def _from_pane(
    even: np.ndarray, scene: Scene, pane: Pane, points: SurfacePoints, start: np.ndarray
) -> np.ndarray:
    a, b = (even[..., None] * 2 - 1) * np.float32(0.96)
    spot = pane.centre + a * pane.along + b * pane.up + pane.inside * 0.01
    to_pane = spot.astype(np.float32) - start
    square = np.maximum(dot(to_pane, to_pane), 0.05)
    length = np.sqrt(square)
    leaving = -dot(to_pane, pane.inside.astype(np.float32)) / length
    cosine = dot(to_pane, points.shading_normal) / length
    area = 4 * np.linalg.norm(pane.along) * np.linalg.norm(pane.up)
    strength = np.clip(cosine, 0, 1) * np.clip(leaving, 0, 1) * np.float32(area / np.pi) / square
    useful = strength > 1e-4
    if useful.any():
        blocked = scene.blocked(start[useful], to_pane[useful], np.full(int(useful.sum()), 0.99))
        strength[np.flatnonzero(useful)[blocked]] = 0
    return np.minimum(strength, 1.5)


def _from_sun(
    even: np.ndarray, scene: Scene, sun: Sun, points: SurfacePoints, start: np.ndarray
) -> np.ndarray:
    cosine = dot(points.shading_normal, sun.towards)
    lit = np.flatnonzero(cosine > 0.01)
    towards = sun.towards + _on_ball(even[:, lit]) * np.float32(0.012)
    result = np.zeros((len(start), 3), dtype=np.float32)
    face = scene.cast(start[lit], towards).face
    through = (face < 0) | scene.transmits[scene.face_part[face]]
    result[lit[through]] = cosine[lit[through], None] * sun.colour
    return result


def _indirect(
    even: np.ndarray, room: Room, scene: Scene, points: SurfacePoints, start: np.ndarray
) -> np.ndarray:
    """Light from the surfaces around, each lit as if nothing stood in the way of its lamps."""
    direction = _on_ball(even) + points.normal * np.float32(1.001)  # cosine-weighted
    hits = scene.cast(start, direction)
    part = scene.face_part.take(hits.face)
    # A ray through a crack between two parts comes from nowhere; its square must stay finite.
    place = start + direction * np.minimum(hits.distance, np.float32(1e6))[:, None]
    normal = scene.face_normal.take(hits.face, axis=0)
    turned = dot(normal, direction) > 0
    normal = np.where(turned[:, None], -normal, normal)
    light = scene.colours.mean(axis=1).take(part, axis=0) * _rough_light(room, place, normal)
    return light * np.float32(1.25)  # what further bounces add


def _rough_light(room: Room, place: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Irradiance without shadows, with windows as points."""
    light = np.full((len(place), 3), 0.05, dtype=np.float32)
    for lamp in room.lights:
        to_lamp = np.array(lamp.position, dtype=np.float32) - place
        square = np.maximum(dot(to_lamp, to_lamp), 0.3)
        cosine = dot(to_lamp, normal) / np.sqrt(square)
        share = np.clip(cosine * 0.8 + 0.2, 0, 1) / square * np.float32(lamp.power)
        light += share[:, None] * np.array(lamp.colour, dtype=np.float32)
    for pane in room.panes if room.day > 0.05 else ():
        to_pane = (pane.centre + 0.15 * pane.inside).astype(np.float32) - place
        square = np.maximum(dot(to_pane, to_pane), 0.5)
        length = np.sqrt(square)
        cosine = dot(to_pane, normal) / length
        leaving = np.clip(-dot(to_pane, pane.inside.astype(np.float32)) / length, 0, 1)
        area = 4 * np.linalg.norm(pane.along) * np.linalg.norm(pane.up)
        share = np.clip(cosine * 0.8 + 0.2, 0, 1) * leaving * np.float32(area / np.pi) / square
        light += share[:, None] * _SKY * np.float32(room.day)
    return light


def sides_of(points: SurfacePoints) -> np.ndarray:
    """A number for each flat or round side of a part."""
    x, y, z = np.rint(points.normal.T * 3.3 + 4).astype(np.int32)
    return (points.part * 512 + x * 64 + y * 8 + z).astype(np.int32)


def _filter(
    values: np.ndarray,
    key: np.ndarray,
    size: tuple[int, int],
    rounds: tuple[tuple[int, int], ...] = ((1, 2), (5, 5)),
) -> np.ndarray:
    """Mean of (N, C) over neighbours of equal key; a round is the step and the reach, in pixels.

    Along rows, then along columns: a neighbour counts if the pixel of its row in this column has
    the key as well.
    """
    keys = key.reshape(1, *size)
    # The mean's weight goes along as one more channel; channels first keep inner loops long.
    image = np.ones((values.shape[1] + 1, *size), dtype=np.float32)
    image[:-1] = values.T.reshape(-1, *size)
    for step, reach in rounds:
        for axis in (2, 1):
            total = image.copy()
            for shift in range(step, reach + 1, step):
                rest = (slice(None),) * axis
                a, b = (*rest, slice(None, -shift)), (*rest, slice(shift, None))
                same = (keys[a] == keys[b]).astype(np.float32)
                for here, there in ((a, b), (b, a)):
                    total[here] += image[there] * same
            image = total
        image[:-1] /= image[-1]
        image[-1] = 1
    return np.ascontiguousarray(image[:-1].reshape(values.shape[1], -1).T)
