"""The camera: a fixed pinhole in a random place of the room."""

from dataclasses import dataclass

import numpy as np

from .placement import Room
from .scene import CLASSES, Scene

_SHELL = np.isin(CLASSES, ("wall", "ceiling", "floor"))
_NEAREST = 0.45
"""Metres: what a camera must have free before it."""


@dataclass(frozen=True)
class CameraPose:
    """Where it stands and its axes in the world.

    Attributes:
        position: (3,) world, metres.
        axes: (3, 3) whose rows are right, down and away in world coordinates.
    """

    position: np.ndarray
    axes: np.ndarray


def intrinsics_of(size: tuple[int, int]) -> np.ndarray:
    """The pinhole camera for images (H, W): 63.2 degrees wide, square pixels, centred."""
    height, width = size
    focal = 0.8125 * width
    return np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1.0]])


def pixel_rays(size: tuple[int, int]) -> np.ndarray:
    """Directions (H * W, 3) of depth 1 in camera axes, float32."""
    matrix = intrinsics_of(size)
    v, u = np.mgrid[: size[0], : size[1]]
    x, y = (u - matrix[0, 2]) / matrix[0, 0], (v - matrix[1, 2]) / matrix[1, 1]
    return np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3).astype(np.float32)


def look(position: np.ndarray, target: np.ndarray, roll: float) -> CameraPose:
    """A camera at ``position`` that looks at ``target``, turned by ``roll`` radians."""
    away = target - position
    away = away / np.linalg.norm(away)
    right = np.cross(away, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    down = np.cross(away, right)
    c, s = np.cos(roll), np.sin(roll)
    return CameraPose(position, np.stack([c * right + s * down, c * down - s * right, away]))


def choose_pose(rng: np.random.Generator, room: Room, scene: Scene) -> CameraPose:
    """A pose at the height of a person's hands or eyes that sees more than bare walls.

    Of up to 24 draws the first good one is taken, else the best.
    """
    best, best_score = None, -np.inf
    small = pixel_rays((24, 32))
    for _ in range(24):
        pose = _draw(rng, room)
        hits = scene.cast(np.broadcast_to(pose.position, small.shape), small @ pose.axes)
        if (hits.face < 0).any():
            continue
        depth, labels = hits.distance, scene.label[scene.face_part[hits.face]]
        shell = float(_SHELL[labels].mean())
        largest = float(np.bincount(labels, minlength=len(CLASSES)).max()) / len(labels)
        shares = len(np.unique(labels))
        near = float(np.quantile(depth, 0.01))
        score = min(near - _NEAREST, 0) * 4 + min(shares, 6) * 0.1 - max(shell - 0.7, 0) * 2
        score += min(float(np.median(depth)) - 1.0, 0) * 2 - max(largest - 0.6, 0) * 2
        if score > best_score:
            best, best_score = pose, score
        if (
            near > _NEAREST
            and shell < 0.78
            and largest < 0.62
            and shares >= 4
            and np.median(depth) > 1.0
        ):
            return pose
    if best is None:
        raise RuntimeError("no camera position sees the closed room; this is an error of mmaux.")
    return best


def _draw(rng: np.random.Generator, room: Room) -> CameraPose:
    plan = room.plan
    height = float(np.clip(rng.normal(1.4, 0.22), 0.8, 1.9))
    position = np.array([0.0, 0.0, height])
    target = np.array([plan.width / 2, plan.depth / 2, 0.9])
    close = rng.uniform() < 0.22
    for _ in range(10):
        position[:2] = rng.uniform(0.25, plan.width - 0.25), rng.uniform(0.25, plan.depth - 0.25)
        if room.interest and rng.uniform() < 0.8:
            target, _size = room.interest[rng.integers(len(room.interest))]
        else:
            target = np.array([rng.uniform(0, plan.width), rng.uniform(0, plan.depth), 0.9])
        away = float(np.hypot(*(target - position)[:2]))
        if (0.8 < away < 1.7) if close else away > 1.9:
            break
    spread = np.array([0.35, 0.35, 0.35])
    target = target + rng.normal(size=3) * spread
    target[2] = np.clip(
        target[2], height - 0.55 * np.hypot(*(target - position)[:2]) - 0.1, height + 0.4
    )
    if np.hypot(*(target - position)[:2]) < 0.3:
        target[0] += 0.5
    return look(position, target, float(rng.normal() * 0.025))
