"""Semantic segmentation."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from mmengine.structures import PixelData
from mmseg.models.losses import accuracy
from mmseg.structures import SegDataSample
from torch import Tensor

from mmaux.datasets.targets import SemSegTarget
from mmaux.models.losses import mean_of_all, valid_count
from mmaux.registry import MODELS

from .base_task_head import BaseTaskHead, LossConfig
from .delivered_map import CLASS_MAP


@MODELS.register_module()
class SemSegHead(BaseTaskHead):
    """Class of every pixel; predicts ``seg_logits`` (K, H, W) and ``pred_sem_seg`` (1, H, W).

    Args:
        num_classes: K.
        decoder: See :class:`BaseTaskHead`.
        loss: mmseg losses that take logits, labels and ``ignore_index``. By default cross-entropy,
            averaged over labelled pixels only, so that padding and unlabelled samples in a batch
            do not dilute it.
        init_cfg: As everywhere in mmengine.
    """

    target = SemSegTarget
    kind = "classification"
    delivered = CLASS_MAP

    def __init__(
        self,
        *,
        num_classes: int,
        decoder: dict[str, Any],
        loss: LossConfig | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        if loss is None:
            loss = {"type": "mmseg.CrossEntropyLoss", "avg_non_ignore": True}
        super().__init__(out_channels=num_classes, decoder=decoder, loss=loss, init_cfg=init_cfg)

    @property
    def target_channels(self) -> int:
        """Labels have one channel."""
        return 1

    def check_metainfo(self, metainfo: Mapping[str, Any]) -> None:
        """The data's classes are the channels of the map."""
        classes = metainfo.get("classes") or ()
        if classes and len(classes) != self.out_channels:
            raise ValueError(
                f"num_classes is {self.out_channels}, but the training data have {len(classes)} "
                f"classes ({', '.join(classes[:3])}, ...); set the head's num_classes to "
                f"{len(classes)}."
            )

    def loss_by_map(self, raw: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Losses of mmseg and, only logged, the pixel accuracy in percent."""
        labels = target[:, 0].long()
        ignore = int(self.target.fill_value)
        result: dict[str, Tensor] = {}
        labelled = bool((labels != ignore).any())
        # A mean over this process's labels becomes its part of the mean over everybody's.
        share = (labels != ignore).sum() / valid_count(labels != ignore)
        for loss in self.losses:
            # With nothing labelled some losses divide by zero; zero keeps the graph.
            value = loss(raw, labels, ignore_index=ignore) if labelled else raw[:0].sum()
            if getattr(loss, "avg_non_ignore", False):
                value = mean_of_all(value * share)
            name = str(loss.loss_name)
            result[name] = result.get(name, 0) + value
        if labelled:
            result["acc_seg"] = accuracy(raw, labels, ignore_index=ignore)
        return result

    def to_prediction(self, field: Tensor) -> dict[str, PixelData]:
        """Logits and the most likely class."""
        return {
            "seg_logits": PixelData(data=field),
            "pred_sem_seg": PixelData(data=self.deliver(field)),
        }

    def merge(self, samples: Sequence[SegDataSample]) -> dict[str, PixelData]:
        """Mean of the class probabilities; ``seg_logits`` holds its logarithm."""
        probabilities = torch.stack([s.seg_logits.data.softmax(dim=0) for s in samples]).mean(0)
        smallest = torch.finfo(probabilities.dtype).tiny
        return self.to_prediction(probabilities.clamp(min=smallest).log())
