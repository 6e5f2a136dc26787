"""What tasks of classes share."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from mmseg.models.losses import accuracy
from torch import Tensor

from mmaux.models.losses import mean_of_all, valid_count

from .base_task_head import BaseTaskHead, LossConfig


class ClassificationHead(BaseTaskHead):
    """A head whose field is the logits of K classes.

    Args:
        num_classes: K, 2 or more.
        decoder: See :class:`BaseTaskHead`.
        loss: mmseg losses that take logits, labels and ``ignore_index``. By default cross-entropy,
            averaged over what is labelled only, so that padding and unlabelled samples in a batch
            do not dilute it.
        init_cfg: As everywhere in mmengine.

    Raises:
        ValueError: There are fewer than two classes.
    """

    kind = "classification"

    accuracy_name: ClassVar[str]
    """Name under which the accuracy in percent is logged."""

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
        if num_classes < 2:
            raise ValueError(
                f"num_classes is {num_classes}; the likeliest of one class says nothing. A class "
                "and everything else are 2 classes."
            )
        super().__init__(out_channels=num_classes, decoder=decoder, loss=loss, init_cfg=init_cfg)

    @property
    def target_channels(self) -> int:
        """Labels have one channel."""
        return 1

    def check_names(self, names: Sequence[str], *, what: str) -> None:
        """Compare the classes with the training data's.

        Args:
            names: Of the data's classes; empty if they do not say.
            what: What they are called.

        Raises:
            ValueError: They are not as many.
        """
        if names and len(names) != self.out_channels:
            raise ValueError(
                f"num_classes is {self.out_channels}, but the training data have {len(names)} "
                f"{what} ({', '.join(names[:3])}, ...); set the head's num_classes to "
                f"{len(names)}."
            )

    def loss_by_map(self, raw: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Losses of mmseg and, only logged, the accuracy in percent."""
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
            result[self.accuracy_name] = accuracy(raw, labels, ignore_index=ignore)
        return result

    @staticmethod
    def mean_logits(logits: Sequence[Tensor]) -> Tensor:
        """Logarithm of the mean of the class probabilities of several logits (K, H, W)."""
        probabilities = torch.stack([values.softmax(dim=0) for values in logits]).mean(0)
        return probabilities.clamp(min=torch.finfo(probabilities.dtype).tiny).log()
