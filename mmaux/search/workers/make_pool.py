"""The workers that a command line asks for."""

from collections.abc import Mapping
from typing import Any

import torch

from .base_worker_pool import BaseWorkerPool
from .evaluation_worker import EvaluationWorker
from .inline_pool import InlinePool
from .process_pool import ProcessPool
from .ray_pool import RayPool


def make_pool(
    evaluator: Mapping[str, Any],
    *,
    imports: tuple[str, ...] = (),
    workers: int,
    ray_address: str | None = None,
) -> BaseWorkerPool:
    """Workers for the candidates of a search.

    Args:
        evaluator: Config of the evaluator, less the device.
        imports: Modules that a worker imports first.
        workers: How many; 0 evaluates in this process, for debuggers.
        ray_address: Address of a Ray cluster; None for processes of this machine.

    Raises:
        ValueError: The number of workers is impossible.
        ImportError: Ray is not installed.
    """
    if ray_address is not None:
        return RayPool(workers, evaluator, imports=imports, address=ray_address)
    if workers == 0:
        device = "cuda:0" if torch.cuda.is_available() else "cpu"
        worker = EvaluationWorker(evaluator, imports=imports, device=device, threads=None)
        return InlinePool(worker)
    return ProcessPool(workers, evaluator, imports=imports)
