"""Surface normals from a depth map, by local plane fits in inverse depth.

A plane n . X = d seen by a pinhole camera has 1/z = (n . (u, v, 1)) / d, where u = (x - cx) / fx
and v = (y - cy) / fy: inverse depth is affine in the pixel, so that a linear least-squares fit
1/z = a u + b v + c is exact for planes at any slant, and (a, b, c) is parallel to the normal. The
noise of disparity sensors (Kinect, stereo) is even in inverse depth, so that equal weights are
right as well.
"""

import cv2
import numpy as np
import numpy.typing as npt

from .camera import as_intrinsics

_MIN_NEIGHBOURS = 6
_BAND = 64
"""Rows at a time: what is summed up then stays in the processor's cache."""
_MIN_SPREAD = 0.25
"""Of the window's standard deviation: what the neighbours must span in their narrowest direction
(a half window, at the image border, has 0.5)."""


def normals_from_depth(
    depth: np.ndarray,
    intrinsics: npt.ArrayLike,
    *,
    radius: int = 8,
    step: int = 2,
    relative_threshold: float = 0.05,
) -> np.ndarray:
    """Unit surface normals that face the camera.

    Each pixel takes the neighbours on a square grid around it whose depth is valid and differs
    from its own by less than ``relative_threshold``, so that a fit does not reach over a depth
    edge. The defaults suit a Kinect at 480x640: up to 81 neighbours in 17x17 pixels smooth the
    noise of a wall at 4 m, and 5% keeps slanted floors whole.

    Args:
        depth: (H, W) in metres; 0, negative or not finite = invalid.
        intrinsics: 3x3 matrix [[fx, 0, cx], [0, fy, cy], [0, 0, 1]] in pixels.
        radius: Half the window, in pixels.
        step: Distance of the neighbours, in pixels.
        relative_threshold: Largest relative difference of depth between pixel and neighbour.

    Returns:
        float32 (H, W, 3), camera axes x right, y down, z away from the camera: a wall that faces
        the camera has (0, 0, -1). The zero vector marks invalid pixels: no depth at the pixel
        itself, fewer than 6 neighbours (itself included), or neighbours close to one line.

    Raises:
        ValueError: If an argument has a wrong shape or is out of range.
    """
    if depth.ndim != 2:
        raise ValueError(f"depth: expected shape (H, W), found {depth.shape}.")
    if not (radius >= step >= 1):
        raise ValueError(f"expected radius >= step >= 1, found radius={radius}, step={step}.")
    if not 0 < relative_threshold < 1:
        raise ValueError(f"relative_threshold: expected 0 to 1, found {relative_threshold}.")
    matrix = as_intrinsics(intrinsics)
    valid = np.isfinite(depth) & (depth > 0)
    inverse = np.zeros(depth.shape, dtype=np.float32)
    inverse[valid] = 1.0 / depth[valid]

    reach = radius - radius % step
    offsets = range(-reach, reach + 1, step)
    padded = cv2.copyMakeBorder(inverse, *(reach,) * 4, cv2.BORDER_CONSTANT, value=0)
    normals = np.zeros((*depth.shape, 3), dtype=np.float32)
    for top in range(0, len(depth), _BAND):
        rows = slice(top, min(top + _BAND, len(depth)))
        band = padded[rows.start : rows.stop + 2 * reach]
        sums = _window_sums(band, offsets, relative_threshold)
        normals[rows] = _normals_of_band(inverse[rows], sums, offsets, matrix, top)
    return normals


def _normals_of_band(
    inverse: np.ndarray, sums: dict[str, np.ndarray], offsets: range, matrix: np.ndarray, top: int
) -> np.ndarray:
    slope_x, slope_y, rise, solved = _solve(sums, spread=float(np.mean(np.square(offsets))))
    height, width = inverse.shape
    a = slope_x * np.float32(matrix[0, 0])
    b = slope_y * np.float32(matrix[1, 1])
    u = ((np.arange(width) - matrix[0, 2]) / matrix[0, 0]).astype(np.float32)
    v = ((np.arange(top, top + height) - matrix[1, 2]) / matrix[1, 1]).astype(np.float32)
    c = inverse + rise - a * u - b * v[:, None]
    # (a, b, c) . (u, v, 1) is the fitted inverse depth, which is positive: minus faces the camera.
    length = np.sqrt(a * a + b * b + c * c)
    usable = solved & (inverse > 0) & (length > 0)
    scale = np.where(usable, -1 / np.maximum(length, 1e-30), np.float32(0))
    return np.stack([a * scale, b * scale, c * scale], axis=-1)


def _window_sums(
    padded: np.ndarray, offsets: range, relative_threshold: float
) -> dict[str, np.ndarray]:
    """Sums over each pixel's neighbours of 1, x, y, xx, xy, yy, q, xq, yq.

    x and y are offsets from the pixel and q is the difference of inverse depth to it: centred at
    the pixel, float32 sums lose nothing. ``padded`` has a margin of the last offset.
    """
    pad = offsets[-1]
    height, width = padded.shape[0] - 2 * pad, padded.shape[1] - 2 * pad
    inverse = padded[pad : pad + height, pad : pad + width]
    valid = inverse > 0
    low = np.where(valid, inverse / np.float32(1 + relative_threshold), np.float32(np.inf))
    high = np.where(valid, inverse / np.float32(1 - relative_threshold), np.float32(0))

    def zeros() -> np.ndarray:
        return np.zeros((height, width), dtype=np.float32)

    def add(source: np.ndarray, factor: int, target: np.ndarray) -> None:
        cv2.scaleAdd(source, float(factor), target, target)

    sums = {key: zeros() for key in ("1", "x", "y", "xx", "xy", "yy", "q", "xq", "yq")}
    for y in offsets:
        row = {key: zeros() for key in ("1", "x", "xx", "q", "xq")}
        for x in offsets:
            near = padded[pad + y : pad + y + height, pad + x : pad + x + width]
            use = ((near > low) & (near < high)).astype(np.float32)
            difference = (near - inverse) * use
            for key, source, factor in (
                ("1", use, 1),
                ("x", use, x),
                ("xx", use, x * x),
                ("q", difference, 1),
                ("xq", difference, x),
            ):
                add(source, factor, row[key])
        for key in row:
            add(row[key], 1, sums[key])
        add(row["1"], y, sums["y"])
        add(row["x"], y, sums["xy"])
        add(row["1"], y * y, sums["yy"])
        add(row["q"], y, sums["yq"])
    return sums


def _solve(
    sums: dict[str, np.ndarray], *, spread: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Slopes along x and y, rise at the pixel, and where they are well determined.

    The 3x3 normal equations with the constant eliminated: a 2x2 system of covariances.
    """
    count = np.maximum(sums["1"], 1)
    x, y, q = sums["x"] / count, sums["y"] / count, sums["q"] / count
    xx, xy, yy = sums["xx"] / count - x * x, sums["xy"] / count - x * y, sums["yy"] / count - y * y
    xq, yq = sums["xq"] / count - x * q, sums["yq"] / count - y * q
    determinant = xx * yy - xy * xy
    half_trace = (xx + yy) / 2
    narrowest = half_trace - np.sqrt(np.maximum(half_trace * half_trace - determinant, 0))
    solved = (sums["1"] >= _MIN_NEIGHBOURS) & (narrowest >= spread * _MIN_SPREAD**2)
    determinant = np.where(solved, determinant, np.float32(1))
    slope_x = (yy * xq - xy * yq) / determinant
    slope_y = (xx * yq - xy * xq) / determinant
    return slope_x, slope_y, q - slope_x * x - slope_y * y, solved
