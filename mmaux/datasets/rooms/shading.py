"""From light that arrives at surfaces to light that reaches the camera."""

from dataclasses import dataclass

import numpy as np

from .camera_pose import CameraPose, intrinsics_of
from .lighting import draw_sun, irradiance, sides_of
from .placement import Room
from .scene import Scene
from .surface import SurfacePoints, surface_points
from .vectors import dot, lengths, turned

_EXTRA = np.array([[0.33, -0.33], [-0.33, 0.33]])
"""Further positions (x, y) in a pixel that shows more than one surface."""


@dataclass(frozen=True)
class _Shaded:
    arriving: np.ndarray
    highlight: np.ndarray
    radiance: np.ndarray


def shade_image(
    rng: np.random.Generator,
    room: Room,
    scene: Scene,
    pose: CameraPose,
    points: SurfacePoints,
    directions: np.ndarray,
    size: tuple[int, int],
) -> np.ndarray:
    """Linear RGB (H, W, 3) of the surfaces that the pixels' rays meet, edges smoothed."""
    sun = draw_sun(rng, room)
    arriving, visible = irradiance(rng, room, scene, sun, points, size)
    emission = scene.emission[points.part][:, None]
    highlight = _highlights(room, scene, points, directions, arriving, visible)
    radiance = points.albedo * (arriving + emission) + highlight
    shaded = _Shaded(arriving, highlight, radiance)
    return _smooth_edges(scene, pose, points, shaded, size).reshape(*size, 3)


def _highlights(
    room: Room,
    scene: Scene,
    points: SurfacePoints,
    directions: np.ndarray,
    arriving: np.ndarray,
    visible: np.ndarray,
) -> np.ndarray:
    """Lamps (Blinn and Phong) and surroundings in glossy surfaces, (N, 3)."""
    result = np.zeros_like(arriving)
    gloss = scene.gloss[points.part]
    shiny = np.flatnonzero(gloss > 0.02)
    if len(shiny) == 0:
        return result
    view = -directions[shiny]
    view /= lengths(view)
    normal, power = points.shading_normal[shiny], 12 + 120 * gloss[shiny]
    for light, seen in zip(room.lights, visible, strict=True):
        to_light = np.array(light.position, dtype=np.float32) - points.position[shiny]
        square = np.maximum(dot(to_light, to_light), 0.1)
        half = to_light / np.sqrt(square)[:, None] + view
        half /= np.maximum(lengths(half), 1e-6)
        cosine = np.clip(dot(half, normal), 0, 1)
        share = cosine**power * gloss[shiny] * seen[shiny] * np.float32(light.power) / square
        result[shiny] += share[:, None] * np.array(light.colour, dtype=np.float32)
    cosine = np.clip(dot(normal, view), 0, 1)
    mirrored = 2 * cosine[:, None] * normal - view
    start = points.position[shiny] + points.normal[shiny] * np.float32(3e-4)
    face = scene.cast(start, mirrored).face
    part = scene.face_part[face]
    light_there = scene.emission[part][:, None] + arriving[shiny].mean(axis=1, keepdims=True)
    share = (0.04 + 0.6 * (1 - cosine) ** 5) * gloss[shiny]  # Schlick's approximation
    shown = scene.colours.mean(axis=1)[part] * light_there * share[:, None]
    result[shiny] += np.where(face[:, None] >= 0, shown, 0)
    return result


def _smooth_edges(
    scene: Scene,
    pose: CameraPose,
    points: SurfacePoints,
    shaded: _Shaded,
    size: tuple[int, int],
) -> np.ndarray:
    """Mean over several positions in the pixels where surfaces meet.

    A further position takes its light from the pixel or one of its eight neighbours that shows
    the same side of the same part; where none does, the position is left out.
    """
    sides = sides_of(points)
    image = sides.reshape(size)
    edge = np.zeros(size, dtype=bool)
    edge[:, 1:] |= image[:, 1:] != image[:, :-1]
    edge[:, :-1] |= image[:, 1:] != image[:, :-1]
    edge[1:] |= image[1:] != image[:-1]
    edge[:-1] |= image[1:] != image[:-1]
    chosen = np.flatnonzero(edge)
    radiance = shaded.radiance
    if len(chosen) == 0:
        return radiance
    v, u = np.divmod(chosen, size[1])
    matrix = intrinsics_of(size)
    total, weight = radiance[chosen], np.ones((len(chosen), 1), dtype=np.float32)
    for dx, dy in _EXTRA:
        x, y = (u + dx - matrix[0, 2]) / matrix[0, 0], (v + dy - matrix[1, 2]) / matrix[1, 1]
        rays = turned(np.stack([x, y, np.ones_like(x)], axis=-1), pose.axes).astype(np.float32)
        origins = np.broadcast_to(pose.position.astype(np.float32), rays.shape)
        more = surface_points(
            scene, scene.cast(origins, rays), origins, rays, pixel_angle=1 / matrix[0, 0]
        )
        side = sides_of(more)
        source = np.full(len(chosen), -1)
        for row in (-1, 0, 1):
            for column in (-1, 0, 1):
                near = np.clip(v + row, 0, size[0] - 1) * size[1]
                near = near + np.clip(u + column, 0, size[1] - 1)
                source = np.where((source < 0) & (sides[near] == side), near, source)
        found = source >= 0
        light = shaded.arriving[source] + scene.emission[more.part][:, None]
        seen = more.albedo * light + shaded.highlight[source]
        total = total + np.where(found[:, None], seen, 0)
        weight = weight + found[:, None]
    radiance = radiance.copy()
    radiance[chosen] = total / weight
    return radiance
