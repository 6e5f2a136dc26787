"""Angular errors of surface normals."""

import torch
from mmengine.logging import print_log
from torch import Tensor

from mmaux.evaluation.functional import median_from_histogram, normal_angles
from mmaux.evaluation.streaming_metric import State, StreamingMetric
from mmaux.registry import METRICS

THRESHOLDS = (11.25, 22.5, 30.0)
"""Angles in degrees below which a pixel counts as right (Fouhey et al., ICCV 2013)."""

BIN_WIDTH = 1e-3
_NUM_BINS = round(180 / BIN_WIDTH) + 1


@METRICS.register_module()
class NormalMetric(StreamingMetric):
    """Mean, median and RMSE of the angle in degrees; percent within 11.25, 22.5 and 30 degrees.

    Pooled over all valid pixels of the test set. A pixel is invalid where the true normal is the
    zero vector. Predictions need not be unit vectors; a zero prediction counts as 90 degrees. The
    median comes from a histogram with bins of 0.001 degrees: it is off by at most 0.0005 degrees.

    Args:
        prefix: Prefix of the results' names.
    """

    default_prefix = "normal"
    target_field = "gt_normal_map"
    prediction_field = "pred_normal_map"
    head = "normal"

    @property
    def metric_names(self) -> tuple[str, ...]:
        """``mean``, ``median``, ``rmse`` and ``within_11.25`` and so on."""
        return ("mean", "median", "rmse", *(f"within_{threshold:g}" for threshold in THRESHOLDS))

    def initial_state(self) -> State:
        """Sums of the angles and their squares, counts within thresholds, histogram."""
        return {
            "sums": torch.zeros(2, dtype=torch.float64),
            "within": torch.zeros(len(THRESHOLDS), dtype=torch.int64),
            "histogram": torch.zeros(_NUM_BINS, dtype=torch.int64),
            "pixels": torch.zeros((), dtype=torch.int64),
        }

    def image_statistics(self, prediction: Tensor, target: Tensor, *, image: str) -> State:
        """Statistics of one image.

        Args:
            prediction: Vectors, shape (3, H, W).
            target: Unit vectors, shape (3, H, W); the zero vector is invalid.
            image: Path of the image, for messages.
        """
        valid = (target != 0).any(dim=0)
        angles = normal_angles(prediction[:, valid], target[:, valid])
        bins = (angles / BIN_WIDTH).round().long()
        return {
            "sums": torch.stack([angles.sum(), angles.square().sum()]),
            "within": torch.stack([(angles < threshold).sum() for threshold in THRESHOLDS]),
            "histogram": torch.bincount(bins, minlength=_NUM_BINS),
            "pixels": valid.sum(),
        }

    def compute_metrics(self, results: State) -> dict[str, float]:
        """Errors over the whole test set."""
        pixels = results["pixels"]
        mean, mean_square = (results["sums"] / pixels).tolist()
        within = (100.0 * results["within"].double() / pixels).tolist()
        print_log(f"normal errors over {int(pixels)} valid pixels", logger="current")
        values = (
            mean,
            median_from_histogram(results["histogram"], bin_width=BIN_WIDTH),
            mean_square**0.5,
            *within,
        )
        return dict(zip(self.metric_names, values, strict=True))
