"""Pure functions behind the metrics."""

from mmaux.evaluation.functional.delta_m import DEFAULT_HEADLINE, delta_m, metric_task, task_gains
from mmaux.evaluation.functional.depth_errors import (
    DEPTH_ERRORS,
    depth_error_sums,
    depth_errors,
    eigen_crop_mask,
    valid_depth_mask,
)
from mmaux.evaluation.functional.normal_errors import median_from_histogram, normal_angles

__all__ = [
    "DEFAULT_HEADLINE",
    "DEPTH_ERRORS",
    "delta_m",
    "depth_error_sums",
    "depth_errors",
    "eigen_crop_mask",
    "median_from_histogram",
    "metric_task",
    "normal_angles",
    "task_gains",
    "valid_depth_mask",
]
