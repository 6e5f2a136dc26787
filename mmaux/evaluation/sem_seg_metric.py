"""Metrics of semantic segmentation, mmseg's numbers with constant memory and partial labels."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from mmengine.logging import print_log
from mmseg.evaluation.metrics import IoUMetric
from prettytable import PrettyTable
from torch import Tensor

from mmaux.evaluation.streaming_metric import State, StreamingMetric
from mmaux.registry import METRICS

_SUMMARY_NAMES = {
    "mIoU": ("mIoU", "mAcc"),
    "mDice": ("mDice", "mAcc"),
    "mFscore": ("mFscore", "mPrecision", "mRecall"),
}
_AREAS = ("intersect", "union", "prediction", "label")


@METRICS.register_module()
class SemSegMetric(StreamingMetric):
    """Pixel accuracy, mean IoU and mean class accuracy over the whole test set, in percent.

    The results equal those of mmseg's ``IoUMetric`` (also in rounding to two decimals), which
    computes them; it keeps a result for every image and needs a label in every sample. Areas are
    added up over the test set first, so mIoU comes from one confusion matrix. Classes that occur
    neither in labels nor in predictions are left out of the means.

    Args:
        ignore_index: Label of invalid pixels.
        iou_metrics: Any of ``'mIoU'`` (results aAcc, mIoU, mAcc), ``'mDice'`` (mDice, mAcc) and
            ``'mFscore'`` (mFscore, mPrecision, mRecall).
        nan_to_num: Value for classes without pixels, instead of leaving them out.
        beta: Weight of recall in the F-score.
        prefix: Prefix of the results' names.

    Raises:
        ValueError: If ``iou_metrics`` has an unknown name, when ``dataset_meta`` is set if the
            data set has no class names, at evaluation if a map has a class id out of their range.
    """

    default_prefix = "semseg"
    target_field = "gt_sem_seg"
    prediction_field = "pred_sem_seg"
    head = "semseg"

    def __init__(
        self,
        *,
        ignore_index: int = 255,
        iou_metrics: Sequence[str] | str = ("mIoU",),
        nan_to_num: int | None = None,
        beta: int = 1,
        prefix: str | None = None,
    ) -> None:
        super().__init__(prefix=prefix)
        names = [iou_metrics] if isinstance(iou_metrics, str) else list(iou_metrics)
        unknown = [name for name in names if name not in _SUMMARY_NAMES]
        if unknown or not names:
            raise ValueError(
                f"iou_metrics: expected some of {', '.join(_SUMMARY_NAMES)}, got {names}."
            )
        self.ignore_index = ignore_index
        self.iou_metrics = names
        self.nan_to_num = nan_to_num
        self.beta = beta

    @property
    def metric_names(self) -> tuple[str, ...]:
        """``aAcc`` and the means, in mmseg's order."""
        means = [mean for name in self.iou_metrics for mean in _SUMMARY_NAMES[name]]
        return tuple(dict.fromkeys(["aAcc", *means]))

    @property
    def class_names(self) -> Sequence[str]:
        """Class names of the data set."""
        classes = (self.dataset_meta or {}).get("classes")
        if not classes:
            raise ValueError(
                "SemSegMetric needs the data set's class names: set `classes` in the data set's "
                "metainfo (METAINFO, or metainfo=dict(classes=...) in the config)."
            )
        return classes

    def initial_state(self) -> State:
        """Areas in pixels for every class."""
        num_classes = len(self.class_names)
        state = {area: torch.zeros(num_classes, dtype=torch.int64) for area in _AREAS}
        return state | {"pixels": torch.zeros((), dtype=torch.int64)}

    def image_statistics(self, prediction: Tensor, target: Tensor, *, image: str) -> State:
        """Areas of intersection, union, prediction and label of one image.

        Args:
            prediction: Class ids, shape (1, H, W).
            target: Class ids, shape (1, H, W); ``ignore_index`` is invalid.
            image: Path of the image, for messages.

        Raises:
            ValueError: If a valid pixel has an id that is no class of the data set.
        """
        valid = target != self.ignore_index
        self._check_ids(prediction[valid], self.prediction_field, image)
        self._check_ids(target[valid], self.target_field, image)
        predicted, labelled = prediction[valid].long(), target[valid].long()
        # mmseg's histogram of floats ends at 2^24 pixels a class, and is not deterministic on GPUs.
        intersect, predicted_area, labelled_area = (
            torch.bincount(ids, minlength=len(self.class_names))
            for ids in (predicted[predicted == labelled], predicted, labelled)
        )
        union = predicted_area + labelled_area - intersect
        areas = (intersect, union, predicted_area, labelled_area)
        return dict(zip(_AREAS, areas, strict=True)) | {"pixels": valid.sum()}

    def compute_metrics(self, results: State) -> dict[str, float]:
        """Means in percent; prints the table of all classes as mmseg does."""
        per_class = IoUMetric.total_area_to_metrics(
            *[results[area].double() for area in _AREAS],
            self.iou_metrics,
            self.nan_to_num,
            self.beta,
        )
        overall = per_class.pop("aAcc")
        table = PrettyTable()
        table.add_column("Class", list(self.class_names))
        for name, values in per_class.items():
            table.add_column(name, np.round(values * 100, 2).tolist())
        print_log(f"per class results:\n{table.get_string()}", logger="current")
        means = {"m" + name: _mean_percent(values) for name, values in per_class.items()}
        return {"aAcc": _mean_percent(overall)} | means

    def _check_ids(self, ids: Tensor, field: str, image: str) -> None:
        num_classes = len(self.class_names)
        wrong = ids[(ids < 0) | (ids >= num_classes)]
        if wrong.numel():
            raise ValueError(
                f"SemSegMetric: {image}: {field} has class id {int(wrong[0])} in {wrong.numel()} "
                f"valid pixels, but the data set has {num_classes} classes (0 to "
                f"{num_classes - 1}, {self.ignore_index} = ignore). Make the head's num_classes, "
                "the data set's `classes` and the label files agree."
            )


def _mean_percent(values: np.ndarray) -> float:
    values = values[~np.isnan(values)]
    return float(np.round(values.mean() * 100, 2)) if values.size else math.nan
