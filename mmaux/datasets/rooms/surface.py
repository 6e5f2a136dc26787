"""Colour and shape of the surfaces that rays meet."""

from dataclasses import dataclass

import numpy as np

from .material import PATTERNS
from .patterns import FUNCTIONS
from .scene import Hits, Scene

_LENGTHWAYS = {PATTERNS.index("wood")}
"""Patterns that run along a part's longer side."""


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
    part = scene.face_part[hits.face]
    normal = scene.face_normal[hits.face]
    away = np.einsum("ij,ij->i", normal, directions) > 0
    normal = np.where(away[:, None], -normal, normal)
    corner = scene.corner_normal[hits.face]
    u, v = hits.weight[:, :1], hits.weight[:, 1:]
    smooth = corner[:, 0] * (1 - u - v) + corner[:, 1] * u + corner[:, 2] * v
    smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-6)
    turned = np.einsum("ij,ij->i", smooth, normal) < 0
    smooth = np.where(turned[:, None], -smooth, smooth)
    pixel = hits.distance * np.float32(pixel_angle)
    albedo = _albedo(scene, part, position, scene.face_normal[hits.face], pixel)
    return SurfacePoints(position, normal, smooth, part, albedo)


def _albedo(
    scene: Scene, part: np.ndarray, position: np.ndarray, normal: np.ndarray, pixel: np.ndarray
) -> np.ndarray:
    to_local = scene.to_local[part]
    local = np.einsum("nij,nj->ni", to_local, position - scene.origin[part])
    facing = np.abs(np.einsum("nij,nj->ni", to_local, normal)).argmax(axis=1)
    rows = np.arange(len(part))
    first = np.where(facing == 0, 1, 0)
    second = np.where(facing == 2, 1, 2)
    extent = scene.extent[part]
    swap = np.isin(scene.pattern[part], list(_LENGTHWAYS)) & (
        extent[rows, second] > extent[rows, first]
    )
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    u, v = local[rows, first], local[rows, second]
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
