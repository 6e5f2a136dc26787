"""The resizing of a config's test pipeline, for networks that run without the config."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from mmengine.config import Config

from mmaux.datasets.transforms import Resize

_RESIZE = "Resize"


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
            ValueError: It resizes more than once, or by a factor.
        """
        dataset = (config.get("test_dataloader") or {}).get("dataset") or {}
        steps = dataset.get("pipeline") or config.get("test_pipeline") or ()
        found = [step for step in steps if str(step["type"]).rpartition(".")[2] == _RESIZE]
        if not found:
            return None
        scale = found[0].get("scale")
        if len(found) > 1 or scale is None:
            raise ValueError(
                f"{config.filename or 'config'}: the test pipeline has {len(found)} Resize, the "
                f"first with scale={scale}; an exported file knows one, with a scale."
            )
        width, height = (scale, scale) if isinstance(scale, int) else scale
        return cls((int(width), int(height)), bool(found[0].get("keep_ratio", False)))

    def __call__(self, image: np.ndarray) -> tuple[np.ndarray, float]:
        """Resize an image (H, W, 3) as the pipeline does.

        Returns:
            It, and the factor by which it grew: what depth in it must be multiplied by.
        """
        results: dict[str, Any] = {"img": image, "img_shape": image.shape[:2], "seg_fields": []}
        results = Resize(scale=self.scale, keep_ratio=self.keep_ratio)(results)
        return results["img"], results["depth_factor"]
