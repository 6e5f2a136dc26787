"""Pieces of geometry: one material and one class each."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from .material import Material


@dataclass(frozen=True)
class Part:
    """Triangles of one material and one class.

    Attributes:
        vertices: (V, 3) in metres.
        faces: (F, 3) indices.
        label: Class name.
        material: Its look.
        corner_normals: (F, 3, 3) for smooth shading, or None for flat faces. Labels always hold
            the normal of the face.
        rotation: (3, 3) from the part's own axes, along which its pattern runs.
        origin: Where its pattern starts.
    """

    vertices: np.ndarray
    faces: np.ndarray
    label: str
    material: Material
    corner_normals: np.ndarray | None = None
    rotation: np.ndarray = field(default_factory=lambda: np.eye(3))
    origin: np.ndarray = field(default_factory=lambda: np.zeros(3))


def rotation_about_z(angle: float) -> np.ndarray:
    """Rotation by ``angle`` (radians), anticlockwise seen from above."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def rotation_about_x(angle: float) -> np.ndarray:
    """Rotation by ``angle`` (radians) about x: turns y towards z."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])


def rotation_about_y(angle: float) -> np.ndarray:
    """Rotation by ``angle`` (radians) about y: turns z towards x."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def moved(
    parts: Iterable[Part],
    at: tuple[float, float, float] = (0.0, 0.0, 0.0),
    *,
    turn: float | np.ndarray = 0.0,
) -> list[Part]:
    """Turn parts about the origin (an angle about z, or a matrix), then move them."""
    rotation = turn if isinstance(turn, np.ndarray) else rotation_about_z(turn)
    shift = np.array(at, dtype=np.float64)
    result = []
    for part in parts:
        normals = part.corner_normals
        result.append(
            Part(
                part.vertices @ rotation.T + shift,
                part.faces,
                part.label,
                part.material,
                corner_normals=None if normals is None else normals @ rotation.T,
                rotation=rotation @ part.rotation,
                origin=rotation @ part.origin + shift,
            )
        )
    return result
