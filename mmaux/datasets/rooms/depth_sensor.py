"""What a structured-light depth camera (a Kinect of 2010) makes of exact depth.

Inverse depth is read in steps of 2.85e-3 / m with noise of half a step and a lateral shift of
half a pixel, so that the spread of a frontal wall is about 1.6e-3 z^2 m (Khoshelham and Elberink,
Sensors 2012, found 1.4e-3 z^2 and steps of 2.8e-3 z^2; the order of the steps is that of Barron
and Malik, CVPR 2013). There is no reading where the projector, 7.5 cm beside the camera, does not
reach; nearer than 0.4 m and farther than 8 m; at grazing angles; in patches of surfaces that are
dark or glossy; and in a few small patches anywhere.
"""

import cv2
import numpy as np

STEP = 2.85e-3
"""Of inverse depth, 1 / m."""
BASELINE = 0.075
"""Metres from the camera to the projector."""
NEAREST, FARTHEST = 0.4, 8.0
"""Metres that it measures."""


def shadowed(depth: np.ndarray, focal: float) -> np.ndarray:
    """Pixels that a projector to the right of the camera does not reach.

    Args:
        depth: (H, W) metres.
        focal: Pixels.
    """
    column = np.arange(depth.shape[1]) - focal * BASELINE / depth
    # Seen from the projector a nearer pixel further right covers what lies to its left.
    covered = np.minimum.accumulate(column[:, ::-1], axis=1)[:, ::-1]
    nearer = np.concatenate([covered[:, 1:], np.full((len(depth), 1), np.inf)], axis=1)
    return nearer < column - 0.5


def _patches(rng: np.random.Generator, size: tuple[int, int], width: float) -> np.ndarray:
    """Noise (H, W) of unit spread whose blots are about ``width`` pixels wide."""
    coarse = (max(2, round(size[0] / width)), max(2, round(size[1] / width)))
    noise = rng.normal(size=coarse).astype(np.float32)
    return cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC) * 1.2


def measure(
    rng: np.random.Generator,
    depth: np.ndarray,
    *,
    focal: float,
    cosine: np.ndarray,
    dark: np.ndarray,
    gloss: np.ndarray,
    reflectance: np.ndarray,
) -> np.ndarray:
    """A noisy depth map with holes.

    Args:
        rng: Chooses.
        depth: Exact (H, W), metres.
        focal: Pixels.
        cosine: (H, W) between the normal and the ray to the camera.
        dark: (H, W) surfaces that return no infrared light.
        gloss: (H, W) 0 to 1.
        reflectance: (H, W) 0 to 1, of diffuse light.

    Returns:
        float32 (H, W), 0 where there is no reading.
    """
    height, width = depth.shape
    unit = height / 240
    shift = rng.standard_normal((2, height, width), dtype=np.float32) * 0.5
    v, u = np.mgrid[:height, :width]
    rows = np.clip(np.rint(v + shift[0]), 0, height - 1).astype(int)
    columns = np.clip(np.rint(u + shift[1]), 0, width - 1).astype(int)
    inverse = 1 / depth[rows, columns] + rng.normal(size=depth.shape) * (STEP / 2)
    reading = 1 / np.maximum(np.rint(inverse / STEP), 1) / STEP
    hole = shadowed(depth, focal)
    hole |= (depth < NEAREST) | (reading > FARTHEST)
    hole |= cosine < 0.16 + 0.07 * rng.normal(size=depth.shape)
    hole |= dark & (_patches(rng, depth.shape, 14 * unit) > -0.5)
    shiny = gloss * np.clip(cosine, 0, 1) ** 2
    hole |= _patches(rng, depth.shape, 9 * unit) > 2.4 - 1.6 * shiny
    hole |= _patches(rng, depth.shape, 7 * unit) > 0.8 + 14 * reflectance
    hole |= _patches(rng, depth.shape, 4 * unit) > 3.1
    return np.where(hole, 0, reading).astype(np.float32)
