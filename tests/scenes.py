"""An analytic room: every pixel's surface, depth and normal are known exactly."""

from dataclasses import dataclass, field

import numpy as np

FLOOR, BACK_WALL, SIDE_WALL, BALL, BOX = range(5)
CLASSES = ("floor", "back wall", "side wall", "ball", "box")
PLANES = {
    FLOOR: (np.array([0.0, -1.0, 0.0]), -1.2),
    BACK_WALL: (np.array([0.0, 0.0, -1.0]), -4.0),
    SIDE_WALL: (np.array([1.0, 0.0, 0.0]), -1.5),
}
BALL_CENTRE, BALL_RADIUS = np.array([0.4, 0.3, 2.6]), 0.6
BOX_CENTRE, BOX_HALF = np.array([-0.5, 0.8, 2.5]), np.array([0.4, 0.4, 0.35])


@dataclass
class Scene:
    """Rendered arrays of the room and its camera."""

    labels: np.ndarray
    depth: np.ndarray
    normals: np.ndarray
    intrinsics: np.ndarray
    image: np.ndarray = field(repr=False)


def pixel_rays(intrinsics: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Rays (H, W, 3) with z = 1 through the pixel centres."""
    rows, columns = np.mgrid[: size[0], : size[1]].astype(float)
    ones = np.ones_like(rows)
    return np.stack([columns, rows, ones], -1) @ np.linalg.inv(intrinsics).T


def render(size: tuple[int, int] = (96, 128), focal: float = 110.0) -> Scene:
    """Ray cast the room; no pixel is empty."""
    height, width = size
    intrinsics = np.array([[focal, 0, width / 2 - 3.3], [0, focal, height / 2 + 2.1], [0, 0, 1.0]])
    rays = pixel_rays(intrinsics, size)
    depth = np.full(size, np.inf)
    labels = np.full(size, 255, np.uint8)
    normals = np.zeros((*size, 3))

    def paint(hit: np.ndarray, label: int, normal: np.ndarray) -> None:
        nearer = (hit > 1e-6) & (hit < depth)
        depth[nearer] = hit[nearer]
        labels[nearer] = label
        normals[nearer] = np.broadcast_to(normal, normals.shape)[nearer]

    with np.errstate(divide="ignore", invalid="ignore"):
        for label, (normal, offset) in PLANES.items():
            paint(np.nan_to_num(offset / (rays @ normal), nan=-1, posinf=-1), label, normal)
        a, b = (rays**2).sum(-1), rays @ BALL_CENTRE
        root = b**2 - a * (BALL_CENTRE @ BALL_CENTRE - BALL_RADIUS**2)
        hit = np.where(root > 0, (b - np.sqrt(np.maximum(root, 0))) / a, -1)
        paint(hit, BALL, (rays * hit[..., None] - BALL_CENTRE) / BALL_RADIUS)
        for axis in range(3):
            for side in (-1, 1):
                normal = np.eye(3)[axis] * side
                plane = BOX_CENTRE[axis] + side * BOX_HALF[axis]
                hit = np.nan_to_num(plane / rays[..., axis], nan=-1, posinf=-1)
                inside = np.abs(rays * hit[..., None] - BOX_CENTRE) <= BOX_HALF + 1e-9
                facing = rays @ normal < 0
                paint(np.where(inside.all(-1) & facing, hit, -1), BOX, normal)
    image = np.clip((normals + 1) * 100 + 30 * np.sin(8 * depth)[..., None], 0, 255)
    return Scene(
        labels=labels,
        depth=depth.astype(np.float32),
        normals=normals.astype(np.float32),
        intrinsics=intrinsics,
        image=image.astype(np.uint8),
    )


def surface_errors(
    labels: np.ndarray,
    depth: np.ndarray,
    normals: np.ndarray,
    intrinsics: np.ndarray,
    *,
    turn: np.ndarray | None = None,
    scale: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """How far transformed maps are from the room they show.

    Each valid pixel is lifted with its depth and the transformed camera, brought back into the
    original room (``turn`` is the rotation or mirroring that the transform applied to the camera's
    axes, ``scale`` the factor by which depth was divided), and compared with the surface that its
    label names.

    Returns:
        Distance to the named surface in metres, and angle to its normal in degrees, of each
        valid pixel.
    """
    turn = np.eye(3) if turn is None else turn
    valid = labels != 255
    points = pixel_rays(intrinsics, labels.shape) * depth[..., None] * scale
    points, found = points[valid] @ turn, normals[valid] @ turn
    names = labels[valid]
    distance, expected = np.zeros(len(points)), np.zeros_like(points)
    for label, (normal, offset) in PLANES.items():
        mine = names == label
        distance[mine] = np.abs(points[mine] @ normal - offset)
        expected[mine] = normal
    mine = names == BALL
    distance[mine] = np.abs(np.linalg.norm(points[mine] - BALL_CENTRE, axis=-1) - BALL_RADIUS)
    expected[mine] = (points[mine] - BALL_CENTRE) / BALL_RADIUS
    mine = names == BOX
    relative = (points[mine] - BOX_CENTRE) / BOX_HALF
    distance[mine] = np.abs(np.abs(relative).max(-1) - 1) * BOX_HALF.min()
    # At an edge either face will do: take the one that the normal names.
    axis = np.abs(found[mine]).argmax(-1)
    expected[mine] = np.eye(3)[axis] * np.sign(np.take_along_axis(relative, axis[:, None], -1))
    cosine = (found * expected).sum(-1) / np.linalg.norm(expected, axis=-1)
    return distance, np.degrees(np.arccos(np.clip(cosine, -1, 1)))
