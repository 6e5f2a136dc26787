"""Tileable noise, drawn once, looked up by all patterns."""

from functools import lru_cache

import cv2
import numpy as np

_SIZE = 512
_ROW = 1024


@lru_cache(maxsize=16)
def noise_image(slope: float) -> np.ndarray:
    """Noise (512, 512) in about -1 to 1 whose amplitude falls as frequency to the ``-slope``.

    Slope 0 is white, 1 is cloudy with detail, 2 is smooth.
    """
    rng = np.random.default_rng(1234)
    spectrum = np.fft.rfft2(rng.normal(size=(_SIZE, _SIZE)))
    frequency = np.hypot(np.fft.fftfreq(_SIZE)[:, None], np.fft.rfftfreq(_SIZE)[None]) * _SIZE
    image = np.fft.irfft2(spectrum * np.maximum(frequency, 1.0) ** -slope, s=(_SIZE, _SIZE))
    image = (image - image.mean()) / (2 * image.std())
    return np.ascontiguousarray(np.clip(image, -1.5, 1.5), dtype=np.float32)


def noise_at(u: np.ndarray, v: np.ndarray, *, slope: float = 1.0) -> np.ndarray:
    """Noise at positions (n,), of period 1 in both, float32 (n,)."""
    count = len(u)
    rows = -(-count // _ROW)
    maps = np.zeros((2, rows * _ROW), dtype=np.float32)
    maps[0, :count] = np.mod(u, 1.0) * _SIZE
    maps[1, :count] = np.mod(v, 1.0) * _SIZE
    x, y = maps.reshape(2, rows, _ROW)
    found = cv2.remap(noise_image(slope), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return found.reshape(-1)[:count]


def random_of(*cells: np.ndarray) -> np.ndarray:
    """A number in 0..1 for each integer cell, the same for the same cell, float32."""
    value = np.zeros(np.shape(cells[0]), dtype=np.uint32)
    for factor, cell in zip((0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D), cells, strict=False):
        value ^= cell.astype(np.int64).astype(np.uint32) * np.uint32(factor)
        value ^= value >> np.uint32(15)
        value *= np.uint32(0x2C1B3C6D)
        value ^= value >> np.uint32(12)
    return (value >> np.uint32(8)).astype(np.float32) / np.float32(1 << 24)
