"""Arrays as PNG files of the common layout, coded to be read fast.

A training sample is read far more often than written, and most of its loading time goes into its
PNG files: undoing their row filter, and inflating bytes that hardly shrank. ``docs/data.md`` has
the sizes.
"""

import zlib

import numpy as np

from .png import NO_FILTER, UP_FILTER, encode_png

NORMAL_CODING = "uint16, round((n + 1) * 32767.5), channels RGB = x, y, z, black = invalid"
NORMAL_AXES = "x right, y down, z away from the camera; a wall facing the camera is (0, 0, -1)"
_LEVEL = 3
_WORTHWHILE = 0.2
"""Share of its raw size below which a map is compressed."""


def png_bytes(array: np.ndarray) -> bytes:
    """Encode a map, labels or codes (H, W) or RGB (H, W, 3), uint8 or uint16, without loss.

    Labels and the normals of plane surfaces shrink to a few percent without a filter. What would
    not shrink to a fifth (measured depth, whose low bits are noise) is stored, which quarters the
    time to read it and costs disk space.
    """
    content = encode_png(array, row_filter=NO_FILTER, level=_LEVEL)
    if len(content) > _WORTHWHILE * array.nbytes:
        return encode_png(array, row_filter=NO_FILTER, level=zlib.Z_NO_COMPRESSION)
    return content


def photograph_bytes(image: np.ndarray) -> bytes:
    """Encode a photograph, RGB uint8 (H, W, 3), without loss.

    The filter is the cheapest to undo of those that make photographs smaller; what it leaves has
    no repetitions worth a search.
    """
    return encode_png(image, row_filter=UP_FILTER, level=1, strategy=zlib.Z_RLE)


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
