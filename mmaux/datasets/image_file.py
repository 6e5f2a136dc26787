"""Reading image and array files without accepting half of one."""

import io
from typing import Any

import cv2
import mmcv
import numpy as np
from mmengine import fileio
from PIL import Image

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
_TAIL = 4096


def _is_truncated(content: bytes) -> bool:
    """Whether a PNG or JPEG breaks off; other formats are left to the decoder.

    The end marker is looked for first, which costs nothing. A file with much behind its marker
    (phones append videos) is decoded by Pillow, which notices truncation where OpenCV does not.
    """
    markers = {b"\x89PNG": b"IEND", b"\xff\xd8": b"\xff\xd9"}
    marker = next((end for start, end in markers.items() if content.startswith(start)), None)
    if marker is None or marker in content[-_TAIL:]:
        return False
    try:
        Image.open(io.BytesIO(content)).load()
    except (OSError, SyntaxError, Image.DecompressionBombError):
        return True
    return False


def read_image_file(
    path: str,
    *,
    flag: str = "color",
    imdecode_backend: str = "cv2",
    backend_args: dict[str, Any] | None = None,
) -> np.ndarray:
    """Decode an image file, refusing truncated ones.

    Decoders return a partly grey picture for a truncated PNG or JPEG; it would be trained on
    silently.

    Args:
        path: The file, local or of any mmengine file backend.
        flag: mmcv's ``color`` (BGR), ``grayscale`` or ``unchanged``.
        imdecode_backend: mmcv's decoding backend.
        backend_args: Arguments of mmengine's file backend.

    Returns:
        The array (H, W) or (H, W, C), uint8 or uint16.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is empty, truncated or not an image.
    """
    content = fileio.get(path, backend_args=backend_args)
    if not content:
        raise ValueError(f"{path}: the file is empty; copy or convert it again.")
    if _is_truncated(content):
        raise ValueError(
            f"{path}: the image is truncated (it breaks off after {len(content)} bytes); "
            "copy or convert it again."
        )
    failure: Exception | None = None
    try:
        image = mmcv.imfrombytes(content, flag=flag, backend=imdecode_backend)
    except (OSError, ValueError, cv2.error) as error:  # raised where OpenCV does not return None
        image, failure = None, error
    if image is None:
        raise ValueError(
            f"{path}: not an image that can be decoded ({len(content)} bytes); "
            f"expected PNG, JPEG or another format that {imdecode_backend} reads."
        ) from failure
    return image


def read_array_file(path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
    """Read a ``.npy`` file of real numbers as float32.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is truncated, no ``.npy`` file, or holds objects or integers.
    """
    content = fileio.get(path, backend_args=backend_args)
    try:
        array = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(
            f"{path}: not a readable .npy file of numbers ({error}); write it with numpy.save."
        ) from error
    if array.dtype.kind != "f":
        raise ValueError(
            f"{path}: found {array.dtype}, expected floats, which are metres or unit vectors; "
            "divide codes by their scale before writing them."
        )
    return array.astype(np.float32)
