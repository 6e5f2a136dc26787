"""All parts of a room as arrays, and the rays that meet them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mmaux.datasets.nyuv2 import nyuv2_facts
from mmaux.utils.dependencies import require

from .material import PATTERNS
from .part import Part
from .vectors import cross, lengths

CLASSES = tuple(nyuv2_facts()["classes13"])
_OTHER_AXES = np.array([[1, 2], [0, 2], [0, 1]])
_LENGTHWAYS = ("wood",)
"""Patterns that run along a part's longer side."""


@dataclass(frozen=True)
class Hits:
    """Where N rays end.

    Attributes:
        face: (N,) index of the triangle, -1 = nothing.
        distance: (N,) in units of the ray's direction.
        weight: (N, 2) barycentric coordinates of its second and third corner.
    """

    face: np.ndarray
    distance: np.ndarray
    weight: np.ndarray


class Scene:
    """Triangles with their attributes, and a ray caster over them (Embree).

    Args:
        parts: All geometry in world coordinates.

    Attributes:
        face_part: (F,) index of each triangle's part.
        face_normal: (F, 3) unit.
        corner_normal: (F, 3, 3) unit, for smooth shading.
        is_smooth: (F,) whether corner normals differ from the face's.
        label: (P,) class of each part.
        pattern: (P,) index into PATTERNS.
        colours: (P, 3, 3) linear RGB.
        scale: (P,) metres.
        gloss: (P,) 0 to 1.
        emission: (P,) relative.
        seed: (P,) shift of the pattern.
        transmits: (P,) light passes.
        dark_to_infrared: (P,) a depth camera sees little.
        corner_uv: (F, 3, 2) where the corners lie on the part's pattern, metres.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        counts = [len(part.vertices) for part in parts]
        starts = np.cumsum([0, *counts[:-1]])
        self.vertices = np.concatenate([part.vertices for part in parts]).astype(np.float32)
        self.faces = np.concatenate(
            [part.faces + start for part, start in zip(parts, starts, strict=True)]
        ).astype(np.int32)
        self.face_part = np.repeat(np.arange(len(parts)), [len(part.faces) for part in parts])
        corners = self.vertices[self.faces].astype(np.float64)
        normal = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normal /= np.maximum(lengths(normal), 1e-20)
        self.face_normal = normal.astype(np.float32)
        self.corner_normal = np.repeat(self.face_normal[:, None], 3, axis=1)
        self.is_smooth = np.repeat(
            [part.corner_normals is not None for part in parts], [len(part.faces) for part in parts]
        )
        first = 0
        for part in parts:
            last = first + len(part.faces)
            if part.corner_normals is not None:
                self.corner_normal[first:last] = part.corner_normals
            first = last
        materials = [part.material for part in parts]
        index = {name: i for i, name in enumerate(CLASSES)}
        self.label = np.array([index[part.label] for part in parts], dtype=np.uint8)
        self.pattern = np.array([PATTERNS.index(m.pattern) for m in materials])
        self.colours = (np.array([m.colours for m in materials]) ** 2.2).astype(np.float32)
        self.scale = np.array([m.scale for m in materials], dtype=np.float32)
        self.gloss = np.array([m.gloss for m in materials], dtype=np.float32)
        self.emission = np.array([m.emission for m in materials], dtype=np.float32)
        self.seed = np.array([m.seed for m in materials], dtype=np.float32)
        self.transmits = np.array([m.transmits for m in materials])
        self.dark_to_infrared = np.array([m.dark_to_infrared for m in materials])
        self.corner_uv = _corner_positions(parts, starts, self.faces, self.face_part)

    @cached_property
    def _embree(self) -> Any:
        purpose = "rendering rooms"
        package = "embreex"
        core = require("embreex.rtcore_scene", package=package, purpose=purpose)
        mesh = require("embreex.mesh_construction", package=package, purpose=purpose)
        scene = core.EmbreeScene()
        mesh.TriangleMesh(scene=scene, vertices=self.vertices, indices=self.faces)
        return scene

    def cast(self, origins: np.ndarray, directions: np.ndarray) -> Hits:
        """First hits of rays, (N, 3) each; directions need not be unit vectors."""
        found = self._embree.run(_rays(origins), _rays(directions), output=True)
        weight = np.stack([found["u"], found["v"]], axis=-1)
        return Hits(found["primID"].astype(np.int64), found["tfar"], weight)

    def blocked(
        self, origins: np.ndarray, directions: np.ndarray, length: np.ndarray
    ) -> np.ndarray:
        """Whether something opaque lies within ``length`` (N,), in units of the directions."""
        face = self._embree.run(
            _rays(origins), _rays(directions), np.ascontiguousarray(length, dtype=np.float32)
        )
        return (face >= 0) & ~self.transmits[self.face_part[face]]


def _corner_positions(
    parts: Sequence[Part], starts: np.ndarray, faces: np.ndarray, face_part: np.ndarray
) -> np.ndarray:
    """Pattern coordinates (F, 3, 2): the two of the part's axes along which a face runs.

    The first is x where there is a choice; for lengthways patterns it is the longer one.
    """
    local = np.concatenate([(part.vertices - part.origin) @ part.rotation for part in parts])
    corners = local[faces]
    normal = cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    axes = _OTHER_AXES[np.abs(normal).argmax(axis=1)]
    extent = np.maximum.reduceat(local, starts) - np.minimum.reduceat(local, starts)
    lengthways = np.array([part.material.pattern in _LENGTHWAYS for part in parts])
    sizes = np.take_along_axis(extent[face_part], axes, axis=1)
    swap = lengthways[face_part] & (sizes[:, 1] > sizes[:, 0])
    axes = np.where(swap[:, None], axes[:, ::-1], axes)
    return np.take_along_axis(corners, axes[:, None, :], axis=2).astype(np.float32)


def _rays(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=np.float32)
