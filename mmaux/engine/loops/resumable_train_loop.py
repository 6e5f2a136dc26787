"""Training by iterations that a kill does not change."""

import logging
from collections.abc import Iterator, Mapping, Sized
from dataclasses import replace
from typing import Any, cast

from mmengine.dist import get_dist_info
from mmengine.logging import print_log
from mmengine.runner import IterBasedTrainLoop, Runner
from torch import nn
from torch.utils.data import DataLoader

from mmaux.engine.hooks.resume_state_hook import DataPosition, ResumeStateHook
from mmaux.engine.optimizers import MultiTaskOptimWrapper
from mmaux.registry import LOOPS
from mmaux.utils.seeding import seed_generators

from .seeded_samples import SampleStream, build_seeded_dataloader


class _NotStarted:
    """Stands for the data in mmengine's constructor, which would start the workers too early."""

    def __init__(self, dataloader: DataLoader) -> None:
        self.dataset = dataloader.dataset

    def __iter__(self) -> Iterator[Any]:
        return iter(())


@LOOPS.register_module()
class ResumableTrainLoop(IterBasedTrainLoop):
    """mmengine's ``IterBasedTrainLoop`` whose runs may be killed and resumed without a trace.

    A resumed run ends with the weights of an uninterrupted one (bit for bit where the operations
    are deterministic, as on a CPU with the same number of threads), because nothing random
    depends on what ran before: the order of the data follows from the seed and the place in it,
    a sample's augmentation from the seed and the sample's place, whichever worker loads it, and
    what the network draws (dropout) from the seed, the iteration and the rank. Resuming loads no
    data again. Gradients accumulated so far are in the checkpoint; a validation that the kill may
    have cut short is done again.

    The data are one endless stream: with a finite sampler batches reach across its epochs.

    Args:
        runner: The Runner.
        dataloader: Config of the data; an object is refused, its order could not be entered.
        kwargs: Arguments of :class:`mmengine.runner.IterBasedTrainLoop` (``max_iters``,
            ``val_begin``, ``val_interval``, ``dynamic_intervals``).

    Raises:
        TypeError: ``dataloader`` is no config.
        ValueError: It has a ``batch_sampler``, which may hold back samples.
    """

    def __init__(self, runner: Runner, dataloader: dict[str, Any], **kwargs: Any) -> None:
        if not isinstance(dataloader, Mapping):
            raise TypeError(
                f"train_dataloader is a {type(dataloader).__name__}; ResumableTrainLoop builds the "
                "data from a config. Give one, or use train_cfg.type='mmengine.IterBasedTrainLoop'."
            )
        if dataloader.get("batch_sampler") is not None:
            raise ValueError(
                "train_dataloader.batch_sampler may hold samples back, which a resumed run would "
                "lose; leave it out, or use train_cfg.type='mmengine.IterBasedTrainLoop'."
            )
        started = build_seeded_dataloader(dataloader, seed=runner.seed)
        super().__init__(runner, _NotStarted(started), **kwargs)
        self.dataloader: DataLoader = started
        self._batch_of_all = started.batch_size * get_dist_info()[1]
        self._entered = DataPosition(0, self._batch_of_all, len(cast(Sized, started.dataset)))
        self._entered_iter = 0
        self._state = ResumeStateHook(self.data_position)
        runner.register_hook(self._state)

    @property
    def seed(self) -> int:
        """Seed of the run, the same on every rank."""
        randomness = self.runner.cfg.get("randomness") or {}
        own = get_dist_info()[0] if randomness.get("diff_rank_seed") else 0
        return self.runner.seed - own

    def data_position(self, iterations: int) -> DataPosition:
        """What the data have given after so many iterations."""
        since = iterations - self._entered_iter
        return replace(self._entered, samples=self._entered.samples + since * self._batch_of_all)

    def run(self) -> nn.Module:
        """Train to ``max_iters``, from the beginning or from where a checkpoint stands."""
        self.runner.call_hook("before_train")
        self.runner.call_hook("before_train_epoch")
        self._enter_data()
        if self._iter > 0:
            self._decide_current_val_interval()
            self._validate_if_due()
        while self._iter < self._max_iters and not self.stop_training:
            self.runner.model.train()
            self.run_iter(next(self.dataloader_iterator))
            self._decide_current_val_interval()
            self._validate_if_due()
        self.runner.call_hook("after_train_epoch")
        self.runner.call_hook("after_train")
        return self.runner.model

    def run_iter(self, data_batch: Any) -> None:
        """One iteration; what it draws depends on its number alone.

        A :class:`mmaux.engine.optimizers.MultiTaskOptimWrapper` gets each task's losses.
        """
        place = self._iter, get_dist_info()[0]
        seed_generators(self.seed, "iteration", *place, devices=True)
        wrapper = self.runner.optim_wrapper
        if not isinstance(wrapper, MultiTaskOptimWrapper):
            super().run_iter(data_batch)
            return
        where = {"batch_idx": self._iter, "data_batch": data_batch}
        self.runner.call_hook("before_train_iter", **where)
        outputs = wrapper.train_step(self.runner.model, data_batch)
        self.runner.call_hook("after_train_iter", **where, outputs=outputs)
        self._iter += 1

    def _validate_if_due(self) -> None:
        if self.runner.val_loop is None or self._iter < self.val_begin:
            return
        if self._iter % self.val_interval == 0 or self._iter == self._max_iters:
            self.runner.val_loop.run()

    def _enter_data(self) -> None:
        """Start the workers at the place that the checkpoint names."""
        here = replace(self._entered, samples=self._iter * self._batch_of_all)
        saved = self._state.loaded or here
        for name in ("batch_of_all", "dataset_size"):
            if getattr(saved, name) != getattr(here, name):
                print_log(
                    f"the checkpoint was trained with {name}={getattr(saved, name)}, this run has "
                    f"{name}={getattr(here, name)}: it does not go on as the first would have.",
                    logger="current",
                    level=logging.WARNING,
                )
        self._entered = replace(here, samples=saved.samples)
        self._entered_iter = self._iter
        stream = cast("SampleStream", self.dataloader.sampler)
        stream.begin(position=saved.samples // get_dist_info()[1], seed=self.seed)
        self.dataloader_iterator = iter(self.dataloader)
