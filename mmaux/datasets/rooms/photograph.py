"""From light to the picture that a cheap camera takes."""

import cv2
import numpy as np


def photograph(rng: np.random.Generator, radiance: np.ndarray) -> np.ndarray:
    """Exposure, colour cast, lens and sensor.

    Args:
        rng: Chooses the exposure, the cast, the blur and the noise.
        radiance: Linear RGB (H, W, 3).

    Returns:
        uint8 sRGB (H, W, 3).
    """
    height, width = radiance.shape[:2]
    brightness = np.log(np.maximum(radiance.mean(axis=-1), 1e-3))
    key = np.exp(0.7 * brightness.mean() + 0.3 * np.quantile(brightness, 0.9))
    exposure = 0.33 * rng.lognormal(0.0, 0.22) / key
    cast = np.array([rng.normal(), 0.0, rng.normal()]) * 0.06
    image = radiance * np.float32(exposure) * np.exp(cast).astype(np.float32)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    image *= (1 - rng.uniform(0.02, 0.16) * (x * x + y * y) / 2).astype(np.float32)[..., None]
    glow = cv2.GaussianBlur(np.minimum(image, 4), (0, 0), height / 40)
    image = 0.96 * image + 0.04 * glow
    # A shoulder that keeps bright windows from being flat white (Reinhard, extended).
    image = image * (1 + image / 9) / (1 + image * 0.75)
    image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.45, 0.75)) * height / 240)
    noise = rng.standard_normal(image.shape, dtype=np.float32)
    strength = np.float32(rng.uniform(0.002, 0.012))
    image += noise * strength * np.sqrt(np.maximum(image, 0.01)) * 1.5
    return np.rint(np.clip(image, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
