"""Camera intrinsics and how they follow the image.

Camera axes: x right, y down, z away from the camera. A point (X, Y, Z) is seen at the pixel
(fx X / Z + cx, fy Y / Z + cy). Pixel centres have integer coordinates, as in OpenCV: the first
pixel covers -0.5 to 0.5. Every function returns a new float64 matrix and leaves its input alone.
"""

import numpy as np
import numpy.typing as npt


def as_intrinsics(intrinsics: npt.ArrayLike) -> np.ndarray:
    """Intrinsics as a float64 matrix [[fx, 0, cx], [0, fy, cy], [0, 0, 1]].

    Raises:
        ValueError: If it is no such matrix: shape, skew, last row, or focal lengths not positive.
    """
    matrix = np.array(intrinsics, dtype=np.float64)
    expected = "expected [[fx, 0, cx], [0, fy, cy], [0, 0, 1]] in pixels with fx, fy > 0"
    if matrix.shape != (3, 3):
        raise ValueError(f"intrinsics: found shape {matrix.shape}, {expected}.")
    pinhole = (
        np.isfinite(matrix).all()
        and matrix[0, 1] == matrix[1, 0] == 0
        and (matrix[2] == (0, 0, 1)).all()
        and matrix[0, 0] > 0
        and matrix[1, 1] > 0
    )
    if not pinhole:
        raise ValueError(f"intrinsics: found {matrix.tolist()}, {expected}.")
    return matrix


def depth_to_points(depth: np.ndarray, intrinsics: npt.ArrayLike) -> np.ndarray:
    """Back-project a depth map.

    Args:
        depth: (H, W), distance along the optical axis (z, not along the ray), in metres.
        intrinsics: 3x3 matrix.

    Returns:
        float32 (H, W, 3): X, Y, Z in metres. A pixel with depth 0 gives the point (0, 0, 0).
    """
    if depth.ndim != 2:
        raise ValueError(f"depth: expected shape (H, W), found {depth.shape}.")
    matrix = as_intrinsics(intrinsics)
    height, width = depth.shape
    u = (np.arange(width) - matrix[0, 2]) / matrix[0, 0]
    v = (np.arange(height) - matrix[1, 2]) / matrix[1, 1]
    return np.stack([depth * u, depth * v[:, None], depth], axis=-1).astype(np.float32)


def scale_intrinsics(
    intrinsics: npt.ArrayLike, scale_x: float, scale_y: float | None = None
) -> np.ndarray:
    """Intrinsics of the image resized by ``scale_x`` (width) and ``scale_y`` (height).

    Pixel x goes to (x + 0.5) * scale_x - 0.5, as in ``cv2.resize``. Depth does not change with
    this camera; dividing it by the scale as well shrinks the whole scene and keeps its normals.

    Args:
        intrinsics: 3x3 matrix.
        scale_x: New width / old width.
        scale_y: New height / old height; ``scale_x`` if not given.
    """
    scale_y = scale_x if scale_y is None else scale_y
    if not (scale_x > 0 and scale_y > 0):
        raise ValueError(f"scale: expected positive factors, found {scale_x} and {scale_y}.")
    matrix = as_intrinsics(intrinsics)
    for row, scale in enumerate((scale_x, scale_y)):
        matrix[row, row] *= scale
        matrix[row, 2] = (matrix[row, 2] + 0.5) * scale - 0.5
    return matrix


def crop_intrinsics(intrinsics: npt.ArrayLike, left: float, top: float) -> np.ndarray:
    """Intrinsics of a crop whose first pixel is (left, top); negative values for padding."""
    matrix = as_intrinsics(intrinsics)
    matrix[0, 2] -= left
    matrix[1, 2] -= top
    return matrix


def flip_intrinsics(
    intrinsics: npt.ArrayLike, width: int | None = None, height: int | None = None
) -> np.ndarray:
    """Camera of a flipped image: horizontally if ``width`` is given, vertically if ``height``."""
    matrix = as_intrinsics(intrinsics)
    if width is not None:
        matrix[0, 2] = width - 1 - matrix[0, 2]
    if height is not None:
        matrix[1, 2] = height - 1 - matrix[1, 2]
    return matrix


def rotate_intrinsics(
    intrinsics: npt.ArrayLike, angle_degrees: float, centre: tuple[float, float]
) -> np.ndarray:
    """Intrinsics of the image turned clockwise, as by ``mmcv.imrotate``.

    The picture of the world turned by the same angle about the optical axis: (x, y) of points and
    normals become (x cos a - y sin a, x sin a + y cos a). Only the principal point moves. This is
    exact for fx == fy; otherwise no matrix without skew is, and the error is of the order of
    fx / fy - 1.

    Args:
        intrinsics: 3x3 matrix.
        angle_degrees: Clockwise in the picture. ``cv2.getRotationMatrix2D`` counts the other way.
        centre: Pixel (x, y) that stays; ((W - 1) / 2, (H - 1) / 2) in ``mmcv.imrotate``.
    """
    matrix = as_intrinsics(intrinsics)
    angle = np.deg2rad(angle_degrees)
    dx, dy = matrix[0, 2] - centre[0], matrix[1, 2] - centre[1]
    matrix[0, 2] = centre[0] + dx * np.cos(angle) - dy * np.sin(angle)
    matrix[1, 2] = centre[1] + dx * np.sin(angle) + dy * np.cos(angle)
    return matrix
