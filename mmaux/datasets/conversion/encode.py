"""Depth and normals as the integer codes of the common layout."""

import numpy as np

NORMAL_CODING = "uint16, round((n + 1) * 32767.5), channels RGB = x, y, z, black = invalid"
NORMAL_AXES = "x right, y down, z away from the camera; a wall facing the camera is (0, 0, -1)"


def encode_depth(depth: np.ndarray, *, scale: float) -> np.ndarray:
    """Depth (H, W) in metres as uint16 in 1 / ``scale`` metres; 0 stays 0 (invalid).

    Raises:
        ValueError: If a value is not finite, negative, or too large for 16 bits.
    """
    limit = np.iinfo(np.uint16).max / scale
    if not (np.isfinite(depth).all() and depth.min() >= 0 and depth.max() <= limit):
        raise ValueError(
            f"depth: found {depth.min()} to {depth.max()} m, expected 0 to {limit:g} m, which is "
            f"what 16 bits hold at {scale:g} units per metre."
        )
    return np.rint(depth.astype(np.float64) * scale).astype(np.uint16)


def encode_normals(normals: np.ndarray) -> np.ndarray:
    """Unit normals (H, W, 3) as uint16; the zero vector (invalid) becomes black.

    16 bits, because 8 would add errors of up to 0.4 degrees.
    """
    codes = np.clip(np.rint((normals + 1) * 32767.5), 0, 65535).astype(np.uint16)
    codes[~normals.any(axis=-1)] = 0
    return codes
