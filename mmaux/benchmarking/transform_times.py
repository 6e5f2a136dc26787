"""Where a pipeline's time goes."""

import time
from collections.abc import Sequence

from mmengine.dataset import BaseDataset
from mmengine.runner import set_random_seed


def time_transforms(
    dataset: BaseDataset, indices: Sequence[int], *, seed: int = 0
) -> dict[str, float]:
    """Mean seconds of a sample in each transform of the data set's pipeline.

    Args:
        dataset: A built data set.
        indices: Samples.
        seed: Of the augmentation.

    Returns:
        By the transform's name (numbered where one occurs twice) in the order of the pipeline.
    """
    set_random_seed(seed)
    transforms = dataset.pipeline.transforms
    kinds = [type(transform).__name__ for transform in transforms]
    names = [
        f"{position} {kind}" if kinds.count(kind) > 1 else kind
        for position, kind in enumerate(kinds)
    ]
    total = dict.fromkeys(names, 0.0)
    for index in indices:
        results = dataset.get_data_info(index)
        for name, transform in zip(names, transforms, strict=True):
            start = time.perf_counter()
            results = transform(results)
            total[name] += time.perf_counter() - start
    return {name: seconds / len(indices) for name, seconds in total.items()}


def time_target_files(dataset: BaseDataset, indices: Sequence[int]) -> dict[str, float]:
    """Mean seconds of reading a sample's file of each target, checks included, by task."""
    total = dict.fromkeys(dataset.targets, 0.0)
    for index in indices:
        info = dataset.get_data_info(index)
        for task, target in dataset.targets.items():
            start = time.perf_counter()
            target.load(info[target.path_key])
            total[task] += time.perf_counter() - start
    return {task: seconds / len(indices) for task, seconds in total.items()}
