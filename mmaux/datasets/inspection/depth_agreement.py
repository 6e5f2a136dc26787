"""Normals compared with those computed from the depth of the same pixels."""

from dataclasses import dataclass

import numpy as np

from mmaux.geometry import normals_from_depth

from .axis_mistakes import AXIS_MISTAKES, AxisMistake, Explanation, angles_between, explain

_GRID_ROWS = 160
_RADIUS = 3
_MIN_PIXELS = 200
_EXPLAINED_AWAY = 0.1
_TIE_SHARE = 0.001


@dataclass(frozen=True)
class Agreement:
    """How well a normal map fits its depth.

    Attributes:
        median: Median angle to the depth's normals in degrees.
        explanation: The mistake that would explain a bad fit, if any does.
    """

    median: float
    explanation: Explanation | None


def assumed_camera(size: tuple[int, int]) -> np.ndarray:
    """Camera matrix of an image (height, width) with a horizontal field of view of 60 degrees."""
    height, width = size
    focal = width / 2 / np.tan(np.radians(30))
    return np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])


def compare_with_depth(
    normals: np.ndarray,
    depth: np.ndarray,
    intrinsics: np.ndarray,
    *,
    margin: float = 10.0,
    limit: float = 30.0,
) -> Agreement | None:
    """Compare a normal map with the normals of its depth, on a grid of about 160 rows.

    Args:
        normals: (H, W, 3), camera axes x right, y down, z away; zero = invalid.
        depth: (H, W) in any unit, 0 = invalid.
        intrinsics: Camera matrix 3x3.
        margin: See :func:`mmaux.datasets.inspection.axis_mistakes.explain`.
        limit: See there.

    Returns:
        The agreement; None where fewer than 200 pixels of the grid have both.
    """
    step = _grid_step(depth.shape)
    camera = intrinsics.copy()
    camera[:2] /= step  # pixel i of the grid is pixel i * step of the image
    normals = normals[::step, ::step]
    reference = normals_from_depth(depth[::step, ::step], camera, radius=_RADIUS, step=1)
    valid = normals.any(-1) & reference.any(-1)
    if valid.sum() < _MIN_PIXELS:
        return None
    median = float(np.median(angles_between(normals[valid], reference[valid])))
    return Agreement(median, explain(normals, reference, margin=margin, limit=limit))


def _grid_step(shape: tuple[int, ...]) -> int:
    return max(1, round(min(shape[:2]) / _GRID_ROWS))


def share_away(normals: np.ndarray, intrinsics: np.ndarray) -> float:
    """Share of valid normals (H, W, 3) that point away from the camera (n . ray > 0), on a grid."""
    step = _grid_step(normals.shape)
    normals = normals[::step, ::step]
    valid = normals.any(-1)
    if not valid.any():
        return 0.0
    rows, columns = np.nonzero(valid)
    u = (columns * step - intrinsics[0, 2]) / intrinsics[0, 0]
    v = (rows * step - intrinsics[1, 2]) / intrinsics[1, 1]
    found = normals[valid]
    dot = found[:, 0] * u + found[:, 1] * v + found[:, 2]
    return float((dot > 0).mean())


def explain_away(normals: np.ndarray, intrinsics: np.ndarray) -> AxisMistake | None:
    """Without depth: the mistake whose repair leaves the fewest normals pointing away.

    It must leave less than a tenth of them; the simpler mistake wins where two leave as many. The
    rays alone cannot tell all mistakes apart.
    """
    best, least = None, share_away(normals, intrinsics) * _EXPLAINED_AWAY
    for mistake in AXIS_MISTAKES:
        if mistake.axes == (0, 1, 2) and not mistake.mirror:
            left = share_away(mistake.repaired(normals), intrinsics)
            if left < least - (0.0 if best is None else _TIE_SHARE):
                best, least = mistake, left
    return best
