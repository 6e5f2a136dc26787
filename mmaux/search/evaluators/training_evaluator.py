"""The reward of a candidate from a short training."""

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from torch import nn

from mmaux.experiments.schedule import apply_schedule
from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture
from mmaux.models.segmentors import MultiTaskEncoderDecoder
from mmaux.registry import MODELS, SEARCH_EVALUATORS
from mmaux.search.reward import Quality, geometric_mean_reward, reward_metrics
from mmaux.search.space import SearchSpace
from mmaux.utils.config_file import read_config as read_config_file
from mmaux.utils.files import file_fingerprint
from mmaux.utils.main_network import load_main_network
from mmaux.utils.seeding import preserved_generators, seed_generators

from .base_evaluator import BaseEvaluator, Evaluation
from .candidate_training import measure_network, train_network
from .memory_data import load_training_set, load_validation_set
from .meta_split import cut_meta_split
from .shared_weights import keep_shared, load_shared
from .start_network import Weights, kept_weights, load_weights


@SEARCH_EVALUATORS.register_module()
class TrainingEvaluator(BaseEvaluator):
    """Trains a candidate on meta-train and measures its main heads on meta-val (section 3.2).

    Both are cut from the config's training split and kept in memory. Every candidate begins with
    the weights of the same trained joint network and a new auxiliary module, and is trained for a
    few iterations on a fresh optimizer: what the auxiliary module does to the shared layers in
    that time is what it is judged by.

    The result depends on architecture and seed alone (bit by bit on a CPU), and all candidates of
    a seed see the same batches. So weights that candidates share are trained beforehand, by random
    architectures, and not by the candidates themselves: with those, as in ENAS (Pham et al.,
    1802.03268), the result would depend on what was evaluated before.

    Args:
        config: A training config with an auxiliary module, whose architecture is replaced: a file,
            a shipped one (``'mmaux::auxi_both_mbv2_rooms.py'``), or its content.
        iterations: Iterations that a candidate is trained for.
        schedule: Schedule to lay over the config, see
            :func:`mmaux.experiments.schedule.apply_schedule`; None for the config as it is. Of the
            result the pipelines, the optimizer, the input size and the metrics are used; the
            learning rate falls linearly in any case.
        options: Settings of the config to override after that, with dotted names or nested.
        batch_size: Images an iteration; by default that of the config.
        learning_rate: That a candidate begins with; by default the optimizer's, with which the
            joint network is trained in any case.
        points: How many times a candidate is measured, at equal distances; the last time at its
            end.
        val_fraction: Part of the training split that becomes meta-val.
        val_seed: Another seed, another part.
        num_train: Use at most so many samples of meta-train, evenly spread over its list.
        num_val: The same of meta-val.
        start: Checkpoint of the joint network, or of any network with the same main part, to start
            from. One that was trained on the whole training split has seen meta-val: its rewards
            are too high, and candidates that change little are favoured. By default the evaluator
            trains one itself, on meta-train only.
        start_iterations: Iterations to train it for; 0 to start from the config's initial weights.
        start_seed: Seed of that training, and of the one of shared weights.
        shared_architectures: Random architectures, of all tasks, that train shared weights of
            auxiliary modules: in turn, each for ``iterations`` on the frozen main network, from
            what those before it left in the same places. A candidate's auxiliary module begins
            with the weights of its places that one of them had. 0: with new ones.
        work_dir: Folder to keep the network of ``start_iterations`` in, for other workers and the
            next time; None to train it whenever an evaluator is built.
        reward: Metrics that make the reward (:func:`mmaux.search.reward.reward_metrics`).
        device: Where data and networks are.

    Raises:
        ValueError: A number is out of range; the config has no auxiliary module, or data that
            cannot be cut or kept in memory; the checkpoint is of another network; the reward has
            an unknown metric.
    """

    def __init__(
        self,
        *,
        config: str | Path | Mapping[str, Any],
        iterations: int,
        schedule: str | None = "short",
        options: Mapping[str, Any] | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        points: int = 3,
        val_fraction: float = 0.2,
        val_seed: int = 0,
        num_train: int | None = None,
        num_val: int | None = None,
        start: str | None = None,
        start_iterations: int = 300,
        start_seed: int = 0,
        shared_architectures: int = 0,
        work_dir: str | None = None,
        reward: Sequence[str] | Mapping[str, Quality] | None = None,
        device: str = "cpu",
    ) -> None:
        super().__init__(device=device)
        self._config = read_config(config, schedule=schedule, options=options)
        self.iterations = iterations
        self.batch_size = batch_size or int(self._config.train_dataloader.batch_size)
        self.start_iterations = start_iterations
        self._optim_wrapper = self._config.optim_wrapper.to_dict()
        if learning_rate is not None:
            self._optim_wrapper["optimizer"]["lr"] = learning_rate
        for name, value, least in (
            ("iterations", iterations, 1),
            ("points", points, 1),
            ("batch_size", self.batch_size, 1),
            ("start_iterations", start_iterations, 0),
            ("shared_architectures", shared_architectures, 0),
        ):
            if value < least:
                raise ValueError(f"TrainingEvaluator: {name} is {value}; expected {least} or more.")
        self.points = tuple(sorted({-(-iterations * k // points) for k in range(1, points + 1)}))
        self._device = torch.device(device)
        self.reward_metrics = reward_metrics(tuple(self._config.model.heads), reward)
        init_default_scope(self._config.get("default_scope", "mmaux"))
        split = cut_meta_split(
            self._config,
            val_fraction=val_fraction,
            val_seed=val_seed,
            num_train=num_train,
            num_val=num_val,
        )
        with preserved_generators(self._device), _quiet():
            preprocessor = MODELS.build(self._config.model.data_preprocessor).to(self._device)
            self.train_data = load_training_set(split, preprocessor)
            self.val_data = load_validation_set(split, preprocessor)
            self._shared: Weights = {}
            self._start = self._starting_weights(start, seed=start_seed, work_dir=work_dir)
            if shared_architectures > 0:
                self._shared = self._shared_weights(
                    shared_architectures, start=start, seed=start_seed, work_dir=work_dir
                )

    def evaluate(
        self,
        architecture: AuxiliaryArchitecture,
        *,
        seed: int,
        bar: Mapping[int, float] | None = None,
    ) -> Evaluation:
        """Train and measure a candidate.

        Args:
            architecture: The candidate.
            seed: Of the auxiliary module's initial weights, the batches and the dropout.
            bar: Least reward by iteration; a candidate below it at one of the ``points`` is
                stopped.

        Raises:
            FloatingPointError: A loss was not finite.
            MemoryError: The GPU's memory did not suffice; the next candidate finds it free.
            ValueError: The architecture does not fit the network, or a metric is not a number.
        """
        try:
            with preserved_generators(self._device), _quiet():
                return self._evaluate(architecture, seed=seed, bar=bar or {})
        except torch.OutOfMemoryError as error:
            message = f"{self.device}: {error}"
        # Outside of the clause, where the error and the tensors in its frames are gone.
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        raise MemoryError(message)

    def _evaluate(
        self, architecture: AuxiliaryArchitecture, *, seed: int, bar: Mapping[int, float]
    ) -> Evaluation:
        network = self._build_candidate(architecture, seed=seed)
        curve: list[tuple[int, float]] = []
        training = train_network(
            network,
            self.train_data,
            optim_wrapper=self._optim_wrapper,
            iterations=self.iterations,
            batch_size=self.batch_size,
            seed=seed,
            stops=self.points,
        )
        for iteration in training:
            metrics = self._measure(network)
            reward = geometric_mean_reward(metrics, self.reward_metrics)
            curve.append((iteration, reward))
            if iteration < self.iterations and reward < bar.get(iteration, 0.0):
                break
        return Evaluation(
            reward=reward,
            metrics=metrics,
            curve=tuple(curve),
            stopped_early=iteration < self.iterations,
        )

    def _measure(self, network: nn.Module) -> dict[str, float]:
        return measure_network(
            network,
            self.val_data,
            metrics=self._config.val_evaluator,
            batch_size=self.batch_size,
        )

    def _build(self, architecture: AuxiliaryArchitecture | None, *, seed: int) -> nn.Module:
        """The config's network with an architecture, or without auxiliary module."""
        model = self._config.model.to_dict()
        if architecture is None:
            model["auxiliary"] = None
        else:
            model["auxiliary"]["architecture"] = architecture.to_dict()
            if self._start is not None:
                model["backbone"]["init_cfg"] = model["pretrained"] = None
        seed_generators(seed, "search weights", devices=self._device.type != "cpu")
        network = MODELS.build(model)
        network.init_weights()
        # The faster layout for convolutions, on a CPU by far.
        return network.to(self._device, memory_format=torch.channels_last)

    def _build_candidate(self, architecture: AuxiliaryArchitecture, *, seed: int) -> Any:
        """The network that a candidate's training begins with."""
        network: Any = self._build(architecture, seed=seed)
        if self._start is not None:
            load_main_network(network, self._start, source="start")
        load_shared(network.auxiliary, self._shared)
        return network

    def _starting_weights(
        self, checkpoint: str | None, *, seed: int, work_dir: str | None
    ) -> Weights | None:
        self._start = None
        if checkpoint is not None:
            weights = load_weights(checkpoint)
            load_main_network(self._build(None, seed=seed), weights, source=checkpoint)
            return weights
        if self.start_iterations == 0:
            return None

        def make() -> Weights:
            network = self._build(None, seed=seed)
            training = train_network(
                network,
                self.train_data,
                optim_wrapper=self._config.optim_wrapper,
                iterations=self.start_iterations,
                batch_size=self.batch_size,
                seed=seed,
                stops=(self.start_iterations,),
            )
            list(training)
            return {name: value.cpu() for name, value in network.state_dict().items()}

        if work_dir is None:
            return make()
        return kept_weights(work_dir, "start", made_of=self._start_made_of(seed), make=make)

    def _start_made_of(self, seed: int) -> dict[str, Any]:
        used = ("model", "train_dataloader", "optim_wrapper")
        return {
            "config": {name: self._config[name].to_dict() for name in used},
            "samples": [sample.get("img_path") for sample in self.train_data.samples[0]],
            "iterations": self.start_iterations,
            "batch_size": self.batch_size,
            "seed": seed,
        }

    def _shared_weights(
        self, architectures: int, *, start: str | None, seed: int, work_dir: str | None
    ) -> Weights:
        model = self._config.model
        space = SearchSpace(tuple(model.heads), len(model.auxiliary.taps))

        def make() -> Weights:
            generator = random.Random(seed)
            for turn in range(architectures):
                network = self._build_candidate(space.decode(space.sample(generator)), seed=turn)
                network.requires_grad_(False)
                network.auxiliary.requires_grad_(True)
                training = train_network(
                    network,
                    self.train_data,
                    optim_wrapper=self._optim_wrapper,
                    iterations=self.iterations,
                    batch_size=self.batch_size,
                    seed=turn,
                    stops=(self.iterations,),
                )
                list(training)
                keep_shared(network.auxiliary, self._shared)
            return self._shared

        if work_dir is None:
            return make()
        made_of = {
            "start": None if start is None else file_fingerprint(start),
            "architectures": architectures,
            "candidate": [self.iterations, self._optim_wrapper],
            **self._start_made_of(seed),
        }
        return kept_weights(work_dir, "shared", made_of=made_of, make=make)


def read_config(
    config: str | Path | Mapping[str, Any],
    *,
    schedule: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Config:
    """A training config with a schedule and other settings laid over it.

    Args:
        config: A file, a shipped one (``'mmaux::NAME.py'``), or a config's content.
        schedule: See :func:`mmaux.experiments.schedule.apply_schedule`.
        options: Settings to override last.

    Raises:
        ValueError: It has no auxiliary module, or no such schedule is known.
        FileNotFoundError: There is no such file.
    """
    result = Config(dict(config)) if isinstance(config, Mapping) else read_config_file(config)
    if schedule is not None:
        result = apply_schedule(result, schedule)
    result.merge_from_dict(deepcopy(dict(options or {})))  # merging takes `_delete_` out
    model = result.get("model", {})
    if model.get("type") not in ("mmaux.MultiTaskEncoderDecoder", MultiTaskEncoderDecoder) or (
        model.get("auxiliary") is None
    ):
        raise ValueError(
            f"config {result.filename or 'given as content'}: model is {model.get('type')} with "
            f"auxiliary={model.get('auxiliary')}; expected a mmaux.MultiTaskEncoderDecoder with an "
            "auxiliary module whose architecture is searched, as in auxi_both_mbv2_rooms.py."
        )
    return result


@contextmanager
def _quiet() -> Iterator[None]:
    """Building, loading and measuring log pages that nobody reads of hundreds of candidates."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
