"""How fast a data loader delivers, and what its workers hold."""

import time
from dataclasses import dataclass
from itertools import islice

import numpy as np
from mmengine.runner import Runner, set_random_seed
from torch.utils.data import Dataset

from .process_memory import child_bytes


@dataclass(frozen=True)
class LoaderRun:
    """What a run of a loader took.

    Attributes:
        seconds: Time of a sample.
        worker_bytes: Memory that is a worker's own (USS) at the end, median over the workers; 0
            without workers.
    """

    seconds: float
    worker_bytes: int


def run_loader(
    dataset: Dataset, *, workers: int, batch_size: int, samples: int, seed: int = 0
) -> LoaderRun:
    """Take batches from a fresh loader and do nothing with them.

    The clock starts when each worker has delivered two batches, so that starting them does not
    count. Nothing is ahead of the consumer then: it waits for every batch.

    Args:
        dataset: The data set.
        workers: Processes that load; 0 = this one does.
        batch_size: Samples of a batch; they are collected, not stacked, as in mmengine.
        samples: Least number of measured samples.
        seed: Of the samples' order and of their augmentation.

    Raises:
        ValueError: A number is out of range.
    """
    if workers < 0 or batch_size < 1 or samples < 1:
        raise ValueError(
            f"workers >= 0, batch_size >= 1 and samples >= 1 must hold, found {workers}, "
            f"{batch_size} and {samples}."
        )
    set_random_seed(seed)
    loader = Runner.build_dataloader(
        {
            "dataset": dataset,
            "sampler": {"type": "mmengine.InfiniteSampler", "shuffle": True},
            "batch_size": batch_size,
            "num_workers": workers,
        },
        seed=seed,
    )
    others = set(child_bytes())
    batches = iter(loader)
    for _ in islice(batches, 2 * max(workers, 1)):
        pass
    measured = -(-samples // batch_size)
    start = time.perf_counter()
    for _ in islice(batches, measured):
        pass
    seconds = time.perf_counter() - start
    own = [count for pid, count in child_bytes().items() if pid not in others]
    return LoaderRun(seconds / (measured * batch_size), int(np.median(own)) if own else 0)
