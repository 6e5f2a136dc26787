"""What the command lines do, as functions."""

from mmaux.inference import MultiTaskInferencer, inference_model, init_model

from .dry_run import DryRunReport, dry_run
from .run_config import (
    add_common_arguments,
    apply_amp,
    apply_resume,
    apply_tta,
    apply_visualization,
    check_load_from,
    check_tasks_and_data,
    keep_testing,
    load_run_config,
)

__all__ = [
    "DryRunReport",
    "MultiTaskInferencer",
    "add_common_arguments",
    "apply_amp",
    "apply_resume",
    "apply_tta",
    "apply_visualization",
    "check_load_from",
    "check_tasks_and_data",
    "dry_run",
    "inference_model",
    "init_model",
    "keep_testing",
    "load_run_config",
]
