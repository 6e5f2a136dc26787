"""Base of the metrics: one pass over the test set with constant memory."""

import logging
import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from mmengine.dist import all_reduce, broadcast_object_list, get_dist_info, is_main_process
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor

State = dict[str, Tensor]


class StreamingMetric(BaseMetric):
    """Metric whose statistics are sums over images and never grow with their number.

    Under distributed testing the sums are all-reduced. mmengine's ``DefaultSampler`` gives rank r
    the positions ``r, r + world, ...`` of the data set and pads the last round with samples that
    other ranks have seen; those positions are not below the data set's size and do not count.
    Only the last sample of a rank can be such a duplicate, so its statistics wait until
    ``evaluate(size)`` knows.

    Samples without the task's ground truth are skipped (partially labelled data). Without any
    valid pixel the results are NaN and a warning says so.

    A subclass names its fields and head, and defines :meth:`initial_state`,
    :meth:`image_statistics`, :meth:`compute_metrics` and :attr:`metric_names`. Every state has an
    int64 entry ``pixels``: the number of valid pixels.

    Args:
        prefix: Replaces ``default_prefix`` in the names of the results, ``prefix/name``.

    Raises:
        ValueError: If the states of a subclass lack ``pixels`` or differ in their keys. Those of
            :meth:`initial_state` are looked at when the loop sets ``dataset_meta``: before
            training begins.
    """

    target_field: ClassVar[str]
    prediction_field: ClassVar[str]
    head: ClassVar[str]

    def __init__(self, *, prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        self._reset()

    def _reset(self) -> None:
        self._state: State | None = None
        self._pending: State | None = None
        self._num_samples = 0
        self._num_labelled = 0

    @property
    def dataset_meta(self) -> dict[str, Any] | None:
        """Meta information of the data set."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict[str, Any]) -> None:
        self._dataset_meta = dataset_meta
        self._zeros()  # what it refuses would end a training at its first validation

    @property
    @abstractmethod
    def metric_names(self) -> tuple[str, ...]:
        """Names of the results, without the prefix."""

    @property
    def result_names(self) -> tuple[str, ...]:
        """Names of the results, with the prefix."""
        prefix = f"{self.prefix}/" if self.prefix else ""
        return tuple(prefix + name for name in self.metric_names)

    @abstractmethod
    def initial_state(self) -> State:
        """Zeros for every statistic: float64 or int64 tensors on the CPU, with ``pixels``."""

    @abstractmethod
    def image_statistics(self, prediction: Tensor, target: Tensor, *, image: str) -> State:
        """Statistics of one image, with the keys and shapes of :meth:`initial_state`.

        Args:
            prediction: Finite prediction, shape (C, H, W).
            target: Ground truth, shape (C, H, W), on the prediction's device.
            image: Path of the image, for messages.
        """

    @abstractmethod
    def compute_metrics(self, results: State) -> dict[str, float]:
        """Metrics from the statistics of the whole test set, which has valid pixels."""

    def process(self, data_batch: Any, data_samples: Sequence[Mapping[str, Any]]) -> None:
        """Add a batch of samples (``SegDataSample.to_dict()``) to the statistics.

        Raises:
            ValueError: If a labelled sample has no prediction, one of another size than the ground
                truth, or one that is not finite, or its statistics have other keys than
                :meth:`initial_state`.
        """
        for sample in data_samples:
            self._fold_pending()
            self._num_samples += 1
            target = _field_data(sample, self.target_field)
            if target is None:
                continue
            image = str(sample.get("img_path", f"test sample {self._num_samples - 1}"))
            prediction = _field_data(sample, self.prediction_field)
            if self._state is None:
                self._state = self._zeros()
            statistics = self.image_statistics(
                *self._checked(prediction, target, image), image=image
            )
            self._check_keys(statistics, self._state)
            self._pending = statistics

    def evaluate(self, size: int) -> dict[str, float]:
        """Reduce the statistics over all ranks, compute the metrics and start afresh.

        Args:
            size: Number of samples in the data set.

        Returns:
            Results by ``prefix/name``, the same on every rank.

        Raises:
            ValueError: If more samples came than a data set of ``size`` samples gives.
        """
        rank, world_size = get_dist_info()
        last_position = (self._num_samples - 1) * world_size + rank
        overflow = self._num_samples > math.ceil(size / world_size)
        if last_position < size:
            self._fold_pending()
        state = self._zeros() if self._state is None else self._state
        counts = torch.tensor([self._num_labelled, self._num_samples, int(overflow)])
        self._reset()
        for tensor in (counts, *(state[key] for key in sorted(state))):
            all_reduce(tensor)
        labelled, seen, overflows = counts.tolist()
        if overflows:
            raise ValueError(
                f"{type(self).__name__} got {seen} samples on {world_size} process(es), but "
                f"evaluate(size={size}): pass the number of samples in the data set and call "
                "evaluate once after each pass."
            )

        metrics: list[dict[str, float] | None] = [None]
        if is_main_process():
            if int(state["pixels"]):
                results = self.compute_metrics(state)
            else:
                self._warn_nothing_valid(labelled, size)
                results = dict.fromkeys(self.metric_names, float("nan"))
            values = (results[name] for name in self.metric_names)
            metrics = [dict(zip(self.result_names, values, strict=True))]
        broadcast_object_list(metrics)
        assert metrics[0] is not None  # broadcast from the main process
        return metrics[0]

    def _fold_pending(self) -> None:
        if self._pending is None or self._state is None:
            return
        for key, total in self._state.items():
            total += self._pending[key].to(total)
        self._num_labelled += 1
        self._pending = None

    def _zeros(self) -> State:
        state = self.initial_state()
        if "pixels" not in state:
            raise ValueError(
                f"{type(self).__name__}.initial_state: found the sums {sorted(state)}, expected "
                "'pixels' too, the number of valid pixels: add 'pixels': torch.zeros((), "
                "dtype=torch.int64) there and the image's number in image_statistics."
            )
        return state

    def _check_keys(self, statistics: State, state: State) -> None:
        if statistics.keys() != state.keys():
            raise ValueError(
                f"{type(self).__name__}.image_statistics: found the sums {sorted(statistics)}, "
                f"expected those of initial_state, {sorted(state)}: give both methods the same "
                "keys."
            )

    def _checked(
        self, prediction: Tensor | None, target: Tensor, image: str
    ) -> tuple[Tensor, Tensor]:
        name = type(self).__name__
        if prediction is None:
            raise ValueError(
                f"{name}: {image} has {self.target_field} but no {self.prediction_field}: the "
                f"model needs the head '{self.head}', or leave {name} out of the evaluator."
            )
        if prediction.shape != target.shape:
            raise ValueError(
                f"{name}: {image}: {self.prediction_field} has shape {tuple(prediction.shape)} but "
                f"{self.target_field} {tuple(target.shape)}. Predictions come at the image's "
                "original size: load the targets after Resize in the test pipeline."
            )
        for field, value in ((self.prediction_field, prediction), (self.target_field, target)):
            # Depth beyond the range may be infinite in the ground truth; a prediction may not.
            bad = value.isnan() if value is target else ~value.isfinite()
            if bool(bad.any()):
                raise ValueError(
                    f"{name}: {image}: {field} is not finite in {int(bad.sum())} of "
                    f"{bad.numel()} values. Check the checkpoint (diverged training, half "
                    "precision) or the target's file."
                )
        return prediction, target.to(prediction.device)

    def _warn_nothing_valid(self, labelled: int, size: int) -> None:
        found = (
            f"none of the {size} samples has {self.target_field}"
            if labelled == 0
            else f"the {labelled} labelled samples of {size} have no valid pixel"
        )
        print_log(
            f"{type(self).__name__}: {found}; its results are NaN. Load the target in the test "
            "pipeline, or leave the metric out of the evaluator.",
            logger="current",
            level=logging.WARNING,
        )


def _field_data(sample: Mapping[str, Any], field: str) -> Tensor | None:
    """Map of a field as (C, H, W), or None where the sample lacks it."""
    value = sample.get(field)
    if value is None:
        return None
    data = torch.as_tensor(value["data"])
    return data[None] if data.ndim == 2 else data
