"""Semantic segmentation."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import Tensor

from mmaux.datasets.targets import SemSegTarget
from mmaux.registry import MODELS

from .classification_head import ClassificationHead
from .delivered_map import CLASS_MAP


@MODELS.register_module()
class SemSegHead(ClassificationHead):
    """Class of every pixel; predicts ``seg_logits`` (K, H, W) and ``pred_sem_seg`` (1, H, W).

    Args:
        num_classes: See :class:`ClassificationHead`.
        decoder: See :class:`BaseTaskHead`.
        loss: See :class:`ClassificationHead`.
        init_cfg: As everywhere in mmengine.
    """

    target = SemSegTarget
    accuracy_name = "acc_seg"
    delivered = CLASS_MAP

    def check_metainfo(self, metainfo: Mapping[str, Any]) -> None:
        """The data's classes are the channels of the map."""
        self.check_names(metainfo.get("classes") or (), what="classes")

    def to_prediction(self, field: Tensor) -> dict[str, PixelData]:
        """Logits and the most likely class."""
        return {
            "seg_logits": PixelData(data=field),
            "pred_sem_seg": PixelData(data=self.deliver(field)),
        }

    def merge(self, samples: Sequence[SegDataSample]) -> dict[str, PixelData]:
        """Mean of the class probabilities; ``seg_logits`` holds its logarithm."""
        return self.to_prediction(self.mean_logits([s.seg_logits.data for s in samples]))
