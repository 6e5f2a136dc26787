"""Training a network on data in memory, and measuring it."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from mmengine.evaluator import Evaluator
from mmengine.model import BaseModel
from mmengine.optim import build_optim_wrapper
from mmseg.structures import SegDataSample
from torch.optim.lr_scheduler import LinearLR

from mmaux.registry import EVALUATORS
from mmaux.utils.seeding import seed_generators

from .memory_data import Preprocessed, TrainingSet, ValidationSet


def train_network(
    network: BaseModel,
    data: TrainingSet,
    *,
    optim_wrapper: dict[str, Any],
    iterations: int,
    batch_size: int,
    seed: int,
    stops: Sequence[int],
) -> Iterator[int]:
    """Train on a fresh optimizer whose learning rate falls linearly to zero.

    Before each iteration the global generators are put to a place that depends on the seed and the
    iteration alone. So the dropout masks of the main network are the same for all candidates, like
    their batches: what differs between two candidates is their architecture, and the initial
    weights of their auxiliary modules.

    Args:
        network: Trained in place, from the weights that it has. Its preprocessor is replaced: the
            data have gone through it.
        data: Meta-train.
        optim_wrapper: Config of the optimizer wrapper.
        iterations: Length of the schedule.
        batch_size: Images an iteration.
        seed: Seed of the batches and of all that is drawn in training.
        stops: Iterations to pause after.

    Yields:
        Each stop once it is reached.

    Raises:
        FloatingPointError: A loss was not finite since the last stop.
    """
    network.data_preprocessor = Preprocessed()
    wrapper = build_optim_wrapper(network, optim_wrapper)
    schedule = LinearLR(wrapper.optimizer, start_factor=1.0, end_factor=0.0, total_iters=iterations)
    device = data.inputs.device
    total = torch.zeros((), device=device)
    batches = islice(data.batches(batch_size, seed=seed), iterations)
    network.train()
    for iteration, batch in enumerate(batches, start=1):
        seed_generators(seed, "search iteration", iteration, devices=device.type != "cpu")
        total += network.train_step(batch, wrapper)["loss"].detach()
        schedule.step()
        if iteration in stops:
            # Only here: asking a GPU for a number makes the CPU wait for it.
            if not bool(total.isfinite()):
                raise FloatingPointError(
                    f"the loss was not finite within {iteration} iterations; lower the learning "
                    "rate if most candidates fail so (learning_rate)."
                )
            yield iteration
            network.train()


def measure_network(
    network: BaseModel,
    data: ValidationSet,
    *,
    metrics: Any,
    batch_size: int,
) -> dict[str, float]:
    """Predict meta-val with the main heads and compare at the images' own size.

    Args:
        network: Left in evaluation mode.
        data: Meta-val.
        metrics: Config of the evaluator, or of its metrics, as a Runner takes them.
        batch_size: Images at a time.

    Returns:
        Results by metric name.
    """
    evaluator = _build_evaluator(metrics)
    evaluator.dataset_meta = data.metainfo
    network.eval()
    with torch.no_grad():
        for images, samples in data.batches(batch_size):
            # A new sample of the same tensors: predictions must not stay in memory.
            fresh = [_shallow_copy(sample) for sample in samples]
            evaluator.process(network.predict(images, fresh))
    return {name: float(value) for name, value in evaluator.evaluate(len(data)).items()}


def _shallow_copy(sample: SegDataSample) -> SegDataSample:
    copied = SegDataSample(metainfo=sample.metainfo)
    copied.set_data(dict(sample.items()))
    return copied


def _build_evaluator(metrics: Any) -> Evaluator:
    """As the Runner builds it, from one metric, several, or an evaluator's config."""
    if isinstance(metrics, dict) and "metrics" in metrics:
        return EVALUATORS.build({"type": "mmengine.Evaluator", **metrics})
    return Evaluator(metrics)
