"""Colours for classes that have none."""

import colorsys

import numpy as np

_GOLDEN_RATIO = 0.618034
_TONES = ((0.65, 0.95), (0.85, 0.70), (0.40, 0.85), (0.95, 0.45))


def distinct_palette(num_classes: int) -> np.ndarray:
    """Colours in which neighbouring classes differ in hue and in brightness.

    Hues advance by the golden ratio, so that any first n of them are spread over the circle. The
    same class always has the same colour.

    Args:
        num_classes: Number of colours.

    Returns:
        uint8 array of shape (num_classes, 3), RGB.
    """
    colors = [
        colorsys.hsv_to_rgb(index * _GOLDEN_RATIO % 1.0, *_TONES[index % len(_TONES)])
        for index in range(num_classes)
    ]
    return np.round(np.array(colors).reshape(-1, 3) * 255).astype(np.uint8)
