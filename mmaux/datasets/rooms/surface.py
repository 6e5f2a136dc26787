"""Colour and shape of the surfaces that rays meet."""

from dataclasses import dataclass

import numpy as np

from .material import PATTERNS
from .patterns import FUNCTIONS
from .scene import Hits, Scene
from .vectors import dot, lengths


@dataclass(frozen=True)
class SurfacePoints:
    """What N rays meet.

    Attributes:
        position: (N, 3) world.
        normal: (N, 3) unit normal of the triangle, towards the viewer.
        shading_normal: (N, 3) the same, smooth over round things.
        part: (N,) index of the part.
        albedo: (N, 3) linear RGB.
    """

    position: np.ndarray
    normal: np.ndarray
    shading_normal: np.ndarray
    part: np.ndarray
    albedo: np.ndarray


def surface_points(
    scene: Scene,
    hits: Hits,
    origins: np.ndarray,
    directions: np.ndarray,
    *,
    pixel_angle: float,
) -> SurfacePoints:
    """Position, normals and colour of hits; every ray must have hit.

    Args:
        scene: What was hit.
        hits: Of rays from ``origins`` along ``directions``, (N, 3) each.
        origins: World.
        directions: World, of depth 1.
        pixel_angle: Size of a pixel at depth 1, metres.
    """
    position = origins + directions * hits.distance[:, None]
    part = scene.face_part.take(hits.face)
    normal = scene.face_normal.take(hits.face, axis=0)
    away = dot(normal, directions) > 0
    normal = np.where(away[:, None], -normal, normal)
    smooth = normal.copy()
    curved = np.flatnonzero(scene.is_smooth[hits.face])
    mixed = _interpolate(scene.corner_normal.take(hits.face[curved], axis=0), hits.weight[curved])
    mixed /= np.maximum(lengths(mixed), 1e-6)
    turned = dot(mixed, normal[curved]) < 0
    smooth[curved] = np.where(turned[:, None], -mixed, mixed)
    pixel = hits.distance * np.float32(pixel_angle)
    albedo = _albedo(
        scene, part, _interpolate(scene.corner_uv.take(hits.face, axis=0), hits.weight), pixel
    )
    return SurfacePoints(position, normal, smooth, part, albedo)


def _interpolate(corners: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Values (N, C) between those of three corners (N, 3, C)."""
    u, v = weight[:, :1], weight[:, 1:]
    return corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v


def _albedo(scene: Scene, part: np.ndarray, uv: np.ndarray, pixel: np.ndarray) -> np.ndarray:
    u, v = uv[:, 0], uv[:, 1]
    albedo = np.empty((len(part), 3), dtype=np.float32)
    pattern = scene.pattern[part]
    order = np.argsort(pattern, kind="stable")
    bounds = np.searchsorted(pattern[order], np.arange(len(PATTERNS) + 1))
    for index, name in enumerate(PATTERNS):
        chosen = order[bounds[index] : bounds[index + 1]]
        if len(chosen) == 0:
            continue
        owner = part[chosen]
        weights, tone = FUNCTIONS[name](
            u[chosen], v[chosen], scene.scale[owner], scene.seed[owner], pixel[chosen]
        )
        colour = np.einsum("nk,nkc->nc", weights, scene.colours[owner])
        albedo[chosen] = np.clip(colour * np.asarray(tone)[:, None], 0.002, 1.0)
    return albedo
