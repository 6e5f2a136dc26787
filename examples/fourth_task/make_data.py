"""Write a small data set of rooms with flat panels, in the folders that mmaux reads.

Image, class ids, depth, normals and edges of every frame agree with each other: each surface is a
plane, and edges are where the class changes.
"""

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

CLASSES = ("wall", "floor", "panel", "board")
WALL, FLOOR, PANEL, BOARD = range(len(CLASSES))
COLORS = np.array([[150, 160, 175], [170, 125, 80], [215, 70, 60], [60, 150, 90]], dtype=float)
DEPTH_SCALE = 1000  # units of the depth files per metre


def camera_of(size: tuple[int, int]) -> np.ndarray:
    """Camera matrix (3, 3) in pixels for images of ``size`` (H, W)."""
    height, width = size
    return np.array([[0.9 * width, 0, width / 2], [0, 0.9 * width, height / 2], [0, 0, 1.0]])


def edges_of(labels: np.ndarray) -> np.ndarray:
    """1 where a pixel's class differs from that of one of its four neighbours; (H, W) uint8."""
    edges = np.zeros(labels.shape, bool)
    for axis in (0, 1):
        first = labels.take(range(labels.shape[axis] - 1), axis)
        second = labels.take(range(1, labels.shape[axis]), axis)
        change = first != second
        edges |= np.pad(change, [(0, int(a == axis)) for a in (0, 1)])
        edges |= np.pad(change, [(int(a == axis), 0) for a in (0, 1)])
    return edges.astype(np.uint8)


def render(size: tuple[int, int], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A wall, a floor and some tilted panels before them.

    Args:
        size: Height and width.
        rng: Source of the room.

    Returns:
        ``image`` (H, W, 3) RGB uint8, ``label`` and ``edge`` (H, W) uint8, ``depth`` (H, W) in
        metres, ``normal`` (H, W, 3) unit vectors (x right, y down, z away from the camera).
    """
    height, width = size
    rows, columns = np.mgrid[:height, :width]
    pixels = np.stack([columns, rows, np.ones(size)], axis=-1)
    rays = pixels @ np.linalg.inv(camera_of(size)).T  # z = 1
    label = np.full(size, WALL, np.uint8)
    depth = np.full(size, rng.uniform(3.5, 4.5))
    normal = np.tile([0.0, 0.0, -1.0], (*size, 1))

    def put(where: np.ndarray, plane: np.ndarray, distance: np.ndarray, name: int) -> None:
        nearer = where & (distance > 0) & (distance < depth)
        label[nearer], depth[nearer], normal[nearer] = name, distance[nearer], plane

    below = np.maximum(rays[..., 1], 1e-6)
    put(rays[..., 1] > 0, np.array([0.0, -1.0, 0.0]), rng.uniform(0.8, 1.2) / below, FLOOR)
    for index in range(rng.integers(3, 6)):
        plane = np.array([*rng.uniform(-0.6, 0.6, 2), -1.0])
        plane /= np.linalg.norm(plane)
        box_height, box_width = rng.uniform(0.2, 0.5, 2) * size
        top, left = rng.uniform(-0.1, 0.8, 2) * size
        where = (rows >= top) & (rows < top + box_height)
        where &= (columns >= left) & (columns < left + box_width)
        middle = int(top + box_height / 2) * 1.0, int(left + box_width / 2) * 1.0
        centre = np.linalg.inv(camera_of(size)) @ (middle[1], middle[0], 1.0)
        offset = plane @ centre * rng.uniform(1.2, 3.0)
        put(where, plane, offset / np.minimum(rays @ plane, -1e-3), (PANEL, BOARD)[index % 2])

    light = 0.55 - 0.35 * normal @ np.array([0.4, 0.5, 0.77])
    shade = np.clip(light + 0.5 / depth, 0.2, 1.2)[..., None]
    image = np.clip(COLORS[label] * shade + rng.normal(0, 6, (*size, 3)), 0, 255)
    return {
        "image": image.astype(np.uint8),
        "label": label,
        "depth": depth,
        "normal": normal,
        "edge": edges_of(label),
    }


def write_frame(root: Path, stem: str, frame: dict[str, np.ndarray]) -> None:
    """Write one file a folder; OpenCV wants its channels reversed."""
    files = {
        "image": frame["image"][..., ::-1],
        "label": frame["label"],
        "depth": np.round(frame["depth"] * DEPTH_SCALE).astype(np.uint16),
        "normal": np.round((frame["normal"][..., ::-1] + 1) * 127.5).astype(np.uint8),
        "edge": frame["edge"],
    }
    for folder, array in files.items():
        (root / folder).mkdir(exist_ok=True)
        path = root / folder / f"{stem}.png"
        if not cv2.imwrite(str(path), array):
            raise OSError(f"{path}: cannot be written.")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder of the data set")
    parser.add_argument("--train", type=int, default=40, help="number of training frames")
    parser.add_argument("--test", type=int, default=10, help="number of test frames")
    parser.add_argument("--size", type=int, nargs=2, default=(96, 128), metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    size = tuple(args.size)
    rng = np.random.default_rng(args.seed)
    (args.out / "splits").mkdir(parents=True, exist_ok=True)
    for split, count in (("train", args.train), ("test", args.test)):
        stems = [f"{split}_{index:04d}" for index in range(count)]
        for stem in stems:
            write_frame(args.out, stem, render(size, rng))
        (args.out / "splits" / f"{split}.txt").write_text("\n".join(stems) + "\n")
    meta = {
        "dataset": "shapes",
        "classes": CLASSES,
        "depth_scale": DEPTH_SCALE,
        "intrinsics": camera_of(size).tolist(),
        "image_size": size,
    }
    (args.out / "meta.json").write_text(json.dumps(meta, indent=2) + "\n")
    print(f"{args.train} training and {args.test} test frames in {args.out}")


if __name__ == "__main__":
    main()
