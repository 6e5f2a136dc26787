"""A transform that mmaux does not know, which does what another one does."""

from typing import Any

from mmcv.transforms import BaseTransform
from mmengine.registry import TRANSFORMS as ROOT_TRANSFORMS

from mmaux.registry import TRANSFORMS


@TRANSFORMS.register_module(force=True)
class StepOfOnesOwn(BaseTransform):
    """Does another transform's work.

    Args:
        step: The other's config.
    """

    def __init__(self, step: dict[str, Any]) -> None:
        self._step = ROOT_TRANSFORMS.build(step)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        return self._step(results)


def as_ones_own(step: dict[str, Any]) -> dict[str, Any]:
    """Config of such a transform."""
    return {"type": "mmaux.StepOfOnesOwn", "step": step}
