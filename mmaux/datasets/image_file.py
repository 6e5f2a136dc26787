"""Reading image and array files without accepting half of one."""

import io
from typing import Any

import mmcv
import numpy as np
from mmengine import fileio

_TAIL = 4096


def _ends_properly(content: bytes) -> bool:
    """Whether a PNG or JPEG holds its end marker; other formats are left to the decoder."""
    if content.startswith(b"\x89PNG"):
        return b"IEND" in content[-_TAIL:]
    if content.startswith(b"\xff\xd8"):
        return b"\xff\xd9" in content[-_TAIL:]
    return True


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
    if not _ends_properly(content):
        raise ValueError(
            f"{path}: the image is truncated (no end marker in its {len(content)} bytes); "
            "copy or convert it again."
        )
    failure: Exception | None = None
    try:
        image = mmcv.imfrombytes(content, flag=flag, backend=imdecode_backend)
    except (OSError, ValueError) as error:  # pillow raises where OpenCV returns None
        image, failure = None, error
    if image is None:
        raise ValueError(
            f"{path}: not an image that can be decoded ({len(content)} bytes); "
            f"expected PNG, JPEG or another format that {imdecode_backend} reads."
        ) from failure
    return image


def read_array_file(path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
    """Read a ``.npy`` file of numbers as float32.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is truncated, no ``.npy`` file, or holds objects.
    """
    content = fileio.get(path, backend_args=backend_args)
    try:
        return np.load(io.BytesIO(content), allow_pickle=False).astype(np.float32)
    except (ValueError, EOFError) as error:
        raise ValueError(
            f"{path}: not a readable .npy file of numbers ({error}); write it with numpy.save."
        ) from error
