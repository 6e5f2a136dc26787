"""Writing PNG with a chosen row filter, the same bytes whatever the version of OpenCV.

OpenCV can choose the filter only since version 4.12, and reading spends a good part of its time on
undoing it.
"""

import struct
import zlib

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2
NO_FILTER, UP_FILTER = 0, 2
"""Bytes as they are; differences to the row above."""


def encode_png(
    array: np.ndarray, *, row_filter: int, level: int, strategy: int = zlib.Z_DEFAULT_STRATEGY
) -> bytes:
    """Encode (H, W) or RGB (H, W, 3), uint8 or uint16.

    Args:
        array: The samples.
        row_filter: ``NO_FILTER`` or ``UP_FILTER``, for all rows.
        level: zlib's, 0 (stored) to 9.
        strategy: zlib's.

    Raises:
        ValueError: The array is of another shape or type.
    """
    is_rgb = array.ndim == 3 and array.shape[2] == 3
    if array.dtype not in (np.uint8, np.uint16) or not (is_rgb or array.ndim == 2):
        raise ValueError(
            f"cannot encode an array of {array.shape}, {array.dtype}, as PNG; expected (H, W) or "
            "(H, W, 3), uint8 or uint16."
        )
    height, width = array.shape[:2]
    samples = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder(">"))
    rows = samples.view(np.uint8).reshape(height, -1)
    lines = np.empty((height, 1 + rows.shape[1]), dtype=np.uint8)
    lines[:, 0] = row_filter
    lines[:, 1:] = rows
    if row_filter == UP_FILTER:
        lines[1:, 1:] -= rows[:-1]
    packer = zlib.compressobj(level, strategy=strategy)
    header = struct.pack(
        ">IIBBBBB", width, height, 8 * array.itemsize, _RGB if is_rgb else _GREY, 0, 0, 0
    )
    data = packer.compress(lines.data) + packer.flush()
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(name))
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
