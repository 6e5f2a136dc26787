"""Images on which an exported network is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import Config

from mmaux.datasets.rooms.texture_noise import noise_image

from .real_inputs import read_inputs

_NOISE_SLOPES = (0.8, 1.0, 1.2, 1.5)


@dataclass(frozen=True)
class VerificationImages:
    """Images, and where they come from.

    Attributes:
        arrays: uint8 RGB (H, W, 3), as the config's test pipeline hands them to the network.
        source: In words.
    """

    arrays: tuple[np.ndarray, ...]
    source: str

    def resized(self, size: tuple[int, int]) -> "VerificationImages":
        """All of them at one height and width."""
        arrays = (cv2.resize(array, size[::-1]) for array in self.arrays)
        return VerificationImages(tuple(arrays), self.source)


def read_verification_images(
    config: Config, files: Sequence[str | Path], *, num_images: int, blank_size: tuple[int, int]
) -> VerificationImages:
    """The given images, those of the test data, or random textures where there are no data.

    Args:
        config: Config with a test pipeline.
        files: Image files; without any, the first of the test data set.
        num_images: How many of the test data set.
        blank_size: Height and width of random textures.

    Raises:
        ValueError: The given files cannot be read, or ``num_images`` is not positive.
    """
    if num_images < 1:
        raise ValueError(f"num_images is at least 1, found {num_images}.")
    try:
        batches = read_inputs(config, images=files, num_images=num_images)
    except (OSError, ValueError) as error:
        if files:
            raise ValueError(f"images cannot be read: {error}") from error
        reason = str(error).splitlines()[0]
        return VerificationImages(
            tuple(textured_image(blank_size, slope) for slope in _NOISE_SLOPES),
            f"{len(_NOISE_SLOPES)} random textured images, not real ones: {reason}",
        )
    # The pipelines load BGR.
    arrays = (batch["inputs"][0].flip(0).permute(1, 2, 0).numpy() for batch in batches)
    kind = "given" if files else "test"
    return VerificationImages(
        tuple(np.ascontiguousarray(array.round().astype(np.uint8)) for array in arrays),
        f"{len(batches)} {kind} images",
    )


def textured_image(size: tuple[int, int], slope: float = 1.0) -> np.ndarray:
    """Random but always the same, uint8 (H, W, 3).

    Args:
        size: Height and width.
        slope: How fast detail weakens with its frequency.
    """
    noise = noise_image(slope)
    channels = [np.roll(noise, 97 * number, axis=number % 2) for number in range(3)]
    grey = np.clip(127.5 + 100 * np.stack(channels, axis=-1), 0, 255).astype(np.uint8)
    return cv2.resize(grey, size[::-1])
