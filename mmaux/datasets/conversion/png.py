"""PNG files that are fast to read, the same from every version of OpenCV.

A training sample is read far more often than it is written, and most of its loading time goes into
its PNG files: into undoing their row filter, then into inflating bytes that hardly shrank. Hence
maps have no filter, and what does not compress well is stored; see ``docs/data.md`` for times and
sizes.
"""

import struct
import zlib

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB = 0, 2
_NO_FILTER, _UP = 0, 2
_MAP_LEVEL = 3
_WORTHWHILE = 0.2
"""Share of its raw size below which a map is compressed."""


def photograph_png(image: np.ndarray) -> bytes:
    """Encode a picture (H, W, 3), RGB uint8, without loss.

    The filter is the difference to the row above, which is the cheapest to undo of those that
    make photographs smaller; what remains has no repetitions worth a search.
    """
    return _png(image, row_filter=_UP, level=1, strategy=zlib.Z_RLE)


def map_png(array: np.ndarray) -> bytes:
    """Encode labels or codes (H, W) or (H, W, 3), uint8 or uint16, without loss.

    Labels and the normals of plane surfaces shrink to a few percent without a filter. What would
    not shrink to a fifth (measured depth, whose low bits are noise) is stored, which quarters the
    time to read it and costs disk space.
    """
    content = _png(array, row_filter=_NO_FILTER, level=_MAP_LEVEL)
    if len(content) > _WORTHWHILE * array.nbytes:
        return _png(array, row_filter=_NO_FILTER, level=zlib.Z_NO_COMPRESSION)
    return content


def _png(
    array: np.ndarray, *, row_filter: int, level: int, strategy: int = zlib.Z_DEFAULT_STRATEGY
) -> bytes:
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
    if row_filter == _UP:
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
