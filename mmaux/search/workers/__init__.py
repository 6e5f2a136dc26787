"""Evaluation of several candidates at a time."""

from .base_worker_pool import BaseWorkerPool
from .evaluation_job import EvaluationJob, EvaluatorError, JobResult
from .evaluation_worker import EvaluationWorker
from .inline_pool import InlinePool
from .make_pool import make_pool
from .process_pool import ProcessPool
from .ray_pool import RayPool

__all__ = [
    "BaseWorkerPool",
    "EvaluationJob",
    "EvaluationWorker",
    "EvaluatorError",
    "InlinePool",
    "JobResult",
    "ProcessPool",
    "RayPool",
    "make_pool",
]
