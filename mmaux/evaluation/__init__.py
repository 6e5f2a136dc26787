"""Metrics of the tasks and the multi-task gain."""

from mmaux.evaluation.constant_prediction import best_constants, evaluate_constants
from mmaux.evaluation.depth_metric import DepthMetric
from mmaux.evaluation.functional import (
    DEFAULT_HEADLINE,
    DEPTH_ERRORS,
    delta_m,
    depth_error_sums,
    depth_errors,
    eigen_crop_mask,
    median_from_histogram,
    normal_angles,
    task_gains,
    valid_depth_mask,
)
from mmaux.evaluation.multi_task_gain import MultiTaskGain
from mmaux.evaluation.normal_metric import NormalMetric
from mmaux.evaluation.scene_metric import SceneMetric
from mmaux.evaluation.sem_seg_metric import SemSegMetric
from mmaux.evaluation.streaming_metric import StreamingMetric

__all__ = [
    "DEFAULT_HEADLINE",
    "DEPTH_ERRORS",
    "DepthMetric",
    "MultiTaskGain",
    "NormalMetric",
    "SceneMetric",
    "SemSegMetric",
    "StreamingMetric",
    "best_constants",
    "delta_m",
    "depth_error_sums",
    "depth_errors",
    "eigen_crop_mask",
    "evaluate_constants",
    "median_from_histogram",
    "normal_angles",
    "task_gains",
    "valid_depth_mask",
]
