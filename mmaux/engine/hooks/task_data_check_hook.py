"""Heads and data must speak of the same tasks."""

from collections import Counter

from mmengine.dataset import ConcatDataset
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch.utils.data import Dataset

from mmaux.datasets import MultiTaskDataset
from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import HOOKS


def count_labelled(dataset: Dataset) -> Counter[str] | None:
    """Samples that have each task's target; None if the data set cannot tell.

    Wrappers with one inner ``dataset`` and concatenations are looked through.
    """
    if isinstance(dataset, MultiTaskDataset):
        return Counter(dataset.count_targets())
    if isinstance(dataset, ConcatDataset):
        total: Counter[str] = Counter()
        for part in dataset.datasets:
            counts = count_labelled(part)
            if counts is None:
                return None
            total.update(counts)
        return total
    inner = getattr(dataset, "dataset", None)
    return None if inner is None else count_labelled(inner)


@HOOKS.register_module()
class TaskDataCheckHook(Hook):
    """Before training, refuse a head that no training sample could ever teach.

    Partly labelled data are fine; a task without a single target is a mistake that would
    otherwise cost a whole training run. So would a head of another number of classes.
    """

    def before_train(self, runner: Runner) -> None:
        """Compare the model's heads with the training data's targets.

        Raises:
            ValueError: A head's task has no target in any sample, or another number of classes.
        """
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        dataset = runner.train_dataloader.dataset
        counts = count_labelled(dataset)
        if counts is None or not isinstance(model, MultiTaskEncoderDecoder):
            return
        for task, head in model.heads.items():
            if not counts.get(task):
                raise ValueError(
                    f"heads.{task}: no training sample has a {task} target (the data set loads "
                    f"{sorted(counts)}); add it to train_dataloader.dataset.targets, or remove "
                    f"the head with model.heads.{task}=None."
                )
            try:
                head.check_metainfo(getattr(dataset, "metainfo", {}))
            except ValueError as error:
                raise ValueError(f"heads.{task}: {error}") from error
        listed = ", ".join(f"{task} {counts[task]}" for task in model.heads)
        print_log(f"Training samples with targets: {listed}.", logger="current")
