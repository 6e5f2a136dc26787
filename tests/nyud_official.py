"""A small file in the layout of the official nyu_depth_v2_labeled.mat, with known content."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

HEIGHT, WIDTH = 96, 128
FX, FY = 518.857901 / 5, 519.469611 / 5
CX, CY = (325.582449 + 0.5) / 5 - 0.5, (253.736166 + 0.5) / 5 - 0.5


@dataclass
class Scene:
    """What the file holds, in the usual axes."""

    path: Path
    images: np.ndarray
    depths: np.ndarray
    raw: np.ndarray
    labels: np.ndarray
    normals: np.ndarray
    on_wall: np.ndarray


def write_mat(path: Path, **arrays: np.ndarray) -> Path:
    """Write arrays (N, H, W, ...) with their axes reversed behind N, as MATLAB does."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            turned = array.transpose(0, *range(array.ndim - 1, 0, -1))
            file.create_dataset(
                name, data=turned, chunks=(1, *turned.shape[1:]) if len(turned) else None
            )
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512, b"\0"))
    return path


def write_official(path: Path, frames: int = 3, **override: np.ndarray | None) -> Scene:
    """Write a slanted wall above a floor, holes, noise pictures; overridable arrays."""
    rng = np.random.default_rng(5)
    u, v = np.meshgrid((np.arange(WIDTH) - CX) / FX, (np.arange(HEIGHT) - CY) / FY)
    rays = np.stack([u, v, np.ones_like(u)], axis=-1)
    wall, floor = np.array([-0.6, 0, -0.8]), np.array([0, -0.96, -0.28])
    depths, normals, on_wall = [], [], []
    for index in range(frames):
        to_wall = (1.5 + 0.01 * index) / -(rays @ wall)
        facing = -(rays @ floor)
        to_floor = np.where(facing > 0.1, 1.0 / np.maximum(facing, 0.1), np.inf)
        on_wall.append(to_wall < to_floor)
        depths.append(np.minimum(to_wall, to_floor))
        normals.append(np.where(on_wall[-1][..., None], wall, floor))
    depth = np.array(depths, np.float32)
    raw = depth.copy()
    raw[:, 10:16, 20:30] = 0
    raw[:, :3] = 0
    labels = rng.integers(0, 895, (frames, HEIGHT, WIDTH)).astype(np.uint16)
    labels[:, 0, :4] = (0, 1, 21, 894)
    images = rng.integers(0, 256, (frames, HEIGHT, WIDTH, 3), dtype=np.uint8)
    arrays = {"images": images, "depths": depth, "rawDepths": raw, "labels": labels, **override}
    write_mat(path, **{k: array for k, array in arrays.items() if array is not None})
    return Scene(path, images, depth, raw, labels, np.array(normals), np.array(on_wall))
