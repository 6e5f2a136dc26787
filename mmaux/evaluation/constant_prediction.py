"""What a network must beat: one answer for every pixel, the best that the training data give."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mmaux.datasets import MultiTaskDataset
from mmaux.evaluation.depth_metric import DepthMetric
from mmaux.evaluation.functional import valid_depth_mask
from mmaux.evaluation.normal_metric import NormalMetric
from mmaux.evaluation.scene_metric import SceneMetric
from mmaux.evaluation.sem_seg_metric import SemSegMetric
from mmaux.evaluation.streaming_metric import StreamingMetric

_NUM_IDS = 256


class BestConstant(ABC):
    """The best constant answer of a task, found in one pass over targets (C, H, W)."""

    def __init__(self) -> None:
        self.pixels = 0

    @abstractmethod
    def update(self, target: Tensor) -> None:
        """Add the valid pixels of one image's target (C, H, W)."""

    @abstractmethod
    def value(self) -> Tensor:
        """The constant, shape (C,), of the predictions' type; needs one valid pixel."""


class MostFrequentClass(BestConstant):
    """The class of most pixels (or images), the lowest id of several; best for the accuracy."""

    def __init__(self, metric: SemSegMetric | SceneMetric) -> None:
        super().__init__()
        self.ignore_index = metric.ignore_index
        self.counts = torch.zeros(_NUM_IDS, dtype=torch.int64)

    def update(self, target: Tensor) -> None:
        """Count the classes."""
        labels = target[target != self.ignore_index]
        self.counts += torch.bincount(labels.long(), minlength=_NUM_IDS)
        self.pixels += labels.numel()

    def value(self) -> Tensor:
        """Its id, shape (1,)."""
        return self.counts.argmax()[None]


class MeanDepth(BestConstant):
    """The mean depth in metres, over the range that the metric evaluates; best for the RMSE."""

    def __init__(self, metric: DepthMetric) -> None:
        super().__init__()
        self.range = {"min_depth": metric.min_depth, "max_depth": metric.max_depth}
        self.total = 0.0

    def update(self, target: Tensor) -> None:
        """Add the metres."""
        depth = target[valid_depth_mask(target, **self.range)]
        self.total += float(depth.double().sum())
        self.pixels += depth.numel()

    def value(self) -> Tensor:
        """The mean, shape (1,)."""
        return torch.tensor([self.total / self.pixels])


class MeanNormal(BestConstant):
    """The direction of the mean of unit normals; best for the mean squared chord."""

    def __init__(self, metric: NormalMetric) -> None:
        super().__init__()
        self.total = torch.zeros(3, dtype=torch.float64)

    def update(self, target: Tensor) -> None:
        """Add the vectors; the zero vector is invalid."""
        self.total += target.double().sum(dim=(1, 2))
        self.pixels += int((target != 0).any(dim=0).sum())

    def value(self) -> Tensor:
        """Unit vector, shape (3,); zero where the normals cancel out."""
        return F.normalize(self.total, dim=0).float()


_CONSTANTS: dict[type[StreamingMetric], Callable[..., BestConstant]] = {
    SemSegMetric: MostFrequentClass,
    DepthMetric: MeanDepth,
    NormalMetric: MeanNormal,
    SceneMetric: MostFrequentClass,
}


def best_constants(
    dataset: MultiTaskDataset,
    metrics: Sequence[StreamingMetric],
    *,
    on_sample: Callable[[], None] = lambda: None,
) -> dict[str, Tensor]:
    """The best constant of every metric's task over a training set, one target in memory at a time.

    Only target files are read, at their own size: no image, no augmentation.

    Args:
        dataset: Training set.
        metrics: Metrics whose tasks it has targets of.
        on_sample: Called after each sample.

    Returns:
        Constants (C,) by target field, ``gt_depth_map`` and so on: the most frequent class, the
        mean depth in metres, the mean normal brought to unit length.

    Raises:
        ValueError: There is no constant for a metric, or no valid pixel for a task.
    """
    constants = {metric.target_field: _constant_for(metric) for metric in metrics}
    for index in range(len(dataset)):
        for field, target in dataset.load_targets(index).items():
            if field in constants:
                constants[field].update(target)
        on_sample()
    empty = [field for field, constant in constants.items() if constant.pixels == 0]
    if empty:
        raise ValueError(
            f"{dataset.ann_file or dataset.data_root}: no valid pixel of {', '.join(empty)} in "
            f"{len(dataset)} samples; there is no constant to predict."
        )
    return {field: constant.value() for field, constant in constants.items()}


def evaluate_constants(
    constants: Mapping[str, Tensor],
    dataset: MultiTaskDataset,
    metrics: Sequence[StreamingMetric],
    *,
    on_sample: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """Metrics of predicting the constants at every pixel.

    Args:
        constants: From :func:`best_constants`.
        dataset: Test set.
        metrics: The same metrics.
        on_sample: Called after each sample.

    Returns:
        Results by ``prefix/name``.
    """
    for metric in metrics:
        metric.dataset_meta = dataset.metainfo
    for index in range(len(dataset)):
        truths = dataset.load_targets(index)
        for metric in metrics:
            sample = {}
            if (truth := truths.get(metric.target_field)) is not None:
                constant = constants[metric.target_field][:, None, None]
                constant = constant.expand(-1, *truth.shape[1:])
                sample = {
                    metric.target_field: {"data": truth},
                    metric.prediction_field: {"data": constant},
                }
            metric.process(None, [sample])
        on_sample()
    results: dict[str, float] = {}
    for metric in metrics:
        results |= metric.evaluate(len(dataset))
    return results


def _constant_for(metric: StreamingMetric) -> BestConstant:
    for kind, constant in _CONSTANTS.items():
        if isinstance(metric, kind):
            return constant(metric)
    known = ", ".join(kind.__name__ for kind in _CONSTANTS)
    raise ValueError(
        f"no constant prediction is defined for {type(metric).__name__}, only for {known}."
    )
