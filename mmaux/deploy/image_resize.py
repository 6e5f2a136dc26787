"""The resizing of a config's test pipeline, for networks that run without the config."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from mmengine.config import Config

from mmaux.datasets.image_pipeline import image_pipeline, prepare, test_steps
from mmaux.datasets.transforms import Resize
from mmaux.utils.type_name import type_name

from .verification_images import textured_image

_RESIZE = "Resize"
_TRIED_SIZES = ((48, 64), (480, 640), (1200, 900))


@dataclass(frozen=True)
class ImageResize:
    """How images are resized before a network sees them.

    Attributes:
        scale: Width and height to bring them to.
        keep_ratio: Whether an image is only made to fit in there, in its own proportions.
    """

    scale: tuple[int, int]
    keep_ratio: bool

    @classmethod
    def of(cls, config: Config) -> "ImageResize | None":
        """That of the config's test pipeline; None without one.

        Raises:
            ValueError: The pipeline does something else to images, such as resizing them twice, by
                a factor, or to a shortest edge.
        """
        steps = test_steps(config)
        found = [step for step in steps if type_name(step) == _RESIZE]
        resize = cls._of_step(found[0]) if found else None
        if steps:
            _ensure_all_that_is_done(resize, config)
        return resize

    @classmethod
    def _of_step(cls, step: Mapping[str, Any]) -> "ImageResize | None":
        scale = step.get("scale")
        if scale is None:
            return None
        width, height = (scale, scale) if isinstance(scale, int) else scale
        return cls((int(width), int(height)), bool(step.get("keep_ratio", False)))

    def __call__(self, image: np.ndarray) -> tuple[np.ndarray, float]:
        """Resize an image (H, W, 3) as the pipeline does.

        Returns:
            It, and the factor by which it grew: what depth in it must be multiplied by.
        """
        results: dict[str, Any] = {"img": image, "img_shape": image.shape[:2], "seg_fields": []}
        results = Resize(scale=self.scale, keep_ratio=self.keep_ratio)(results)
        return results["img"], results["depth_factor"]


def _ensure_all_that_is_done(resize: ImageResize | None, config: Config) -> None:
    """Refuse a test pipeline that hands the network other images than a file would see.

    Raises:
        ValueError: It does.
    """
    pipeline = image_pipeline(config)
    for size in _TRIED_SIZES:
        image = textured_image(size)
        expected = image if resize is None else resize(image)[0]
        found = prepare(image, pipeline, name="texture")["inputs"].permute(1, 2, 0).numpy()
        if not np.array_equal(found, expected):
            steps = ", ".join(type_name(step) for step in test_steps(config))
            does = "leaves them as they are" if resize is None else f"does no more than {resize}"
            raise ValueError(
                f"{config.filename or 'config'}: the test pipeline ({steps}) makes another image "
                f"of one of {size[0]} x {size[1]} (height x width) than an exported file, which "
                f"{does}; it knows one Resize with scale and keep_ratio. Do the rest outside of "
                "the network, and leave it out of the pipeline."
            )
