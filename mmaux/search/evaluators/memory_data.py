"""Data sets in memory, read and preprocessed once for all candidates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseDataPreprocessor
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from mmaux.registry import DATASETS
from mmaux.utils.seeding import seed_generators, seeds_of

from .meta_split import MetaSplit

_PROBES = 8


class Preprocessed(BaseDataPreprocessor):
    """Stands in for a network's preprocessor on batches that have gone through it."""

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """The batch as it is."""
        return data


@dataclass(frozen=True)
class TrainingSet:
    """Meta-train in memory.

    Each sample is kept as the pipeline gives it and flipped, so that the flip is the pipeline's own
    for any task, for twice the memory.

    Attributes:
        inputs: Normalised images by version, (V, N, 3, H, W); V is 1, or 2 with a flip.
        samples: Padded data samples by version.
        flip_prob: Probability of the second version.
    """

    inputs: Tensor
    samples: tuple[tuple[SegDataSample, ...], ...]
    flip_prob: float

    def __len__(self) -> int:
        return self.inputs.shape[1]

    def batches(self, batch_size: int, *, seed: int) -> Iterator[dict[str, Any]]:
        """Preprocessed batches without end: permutation after permutation, flipped at random.

        Args:
            batch_size: Samples a batch; may exceed the number of samples.
            seed: The same seed gives the same batches, whatever else was drawn.
        """
        generator = np.random.default_rng(seeds_of(seed, "search batches"))
        waiting: list[int] = []
        while True:
            while len(waiting) < batch_size:
                waiting += generator.permutation(len(self)).tolist()
            chosen, waiting = waiting[:batch_size], waiting[batch_size:]
            flips = (generator.random(batch_size) < self.flip_prob).astype(int).tolist()
            yield {
                "inputs": self.inputs[flips, chosen],
                "data_samples": [self.samples[f][i] for f, i in zip(flips, chosen, strict=True)],
            }


@dataclass(frozen=True)
class ValidationSet:
    """Meta-val in memory.

    Attributes:
        inputs: Normalised images (3, h, w), of any sizes.
        samples: Data samples with the ground truth at the images' own size.
        metainfo: The data set's.
    """

    inputs: tuple[Tensor, ...]
    samples: tuple[SegDataSample, ...]
    metainfo: dict[str, Any]

    def __len__(self) -> int:
        return len(self.inputs)

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, list[SegDataSample]]]:
        """Images (n, 3, h, w) of one size and their samples, n at most ``batch_size``."""
        for _, group in groupby(range(len(self)), key=lambda index: self.inputs[index].shape):
            indices = list(group)
            for start in range(0, len(indices), batch_size):
                chosen = indices[start : start + batch_size]
                images = torch.stack([self.inputs[index] for index in chosen])
                yield images, [self.samples[index] for index in chosen]


def load_training_set(split: MetaSplit, preprocessor: nn.Module) -> TrainingSet:
    """Read meta-train through its pipeline and the network's preprocessor.

    Args:
        split: See :func:`mmaux.search.evaluators.meta_split.cut_meta_split`.
        preprocessor: The network's; the data stay on its device.

    Raises:
        ValueError: The pipeline is random beyond its flip, or gives images of several sizes.
    """
    versions = [split.train] if split.flipped is None else [split.train, split.flipped]
    inputs, samples = [], []
    for version in versions:
        dataset = DATASETS.build(version)
        _check_not_random(dataset)
        batches = [
            preprocessor(_listed(dataset[index]), training=True)
            for index in spread(len(dataset), split.num_train)
        ]
        images = [batch["inputs"][0] for batch in batches]
        sizes = {tuple(image.shape[-2:]) for image in images}
        if len(sizes) > 1:
            raise ValueError(
                f"the training pipeline gives images of the sizes {sorted(sizes)}; set "
                "model.data_preprocessor.size, to which they are padded."
            )
        inputs.append(torch.stack(images))
        samples.append(tuple(batch["data_samples"][0] for batch in batches))
    return TrainingSet(torch.stack(inputs), tuple(samples), split.flip_prob)


def load_validation_set(split: MetaSplit, preprocessor: nn.Module) -> ValidationSet:
    """Read meta-val through its pipeline and the network's preprocessor.

    Args:
        split: See :func:`mmaux.search.evaluators.meta_split.cut_meta_split`.
        preprocessor: The network's; the data stay on its device.
    """
    dataset = DATASETS.build(split.val)
    batches = [
        preprocessor(_listed(dataset[index]), training=False)
        for index in spread(len(dataset), split.num_val)
    ]
    return ValidationSet(
        inputs=tuple(batch["inputs"][0] for batch in batches),
        samples=tuple(batch["data_samples"][0] for batch in batches),
        metainfo=dict(dataset.metainfo),
    )


def spread(count: int, limit: int | None) -> list[int]:
    """Indices of at most ``limit`` of ``count`` samples, evenly spread.

    Lists of samples are often sorted by place or camera: the first ones would be all alike.
    """
    chosen = count if limit is None else min(limit, count)
    return [position * count // chosen for position in range(chosen)]


def _listed(packed: dict[str, Any]) -> dict[str, list[Any]]:
    return {key: [value] for key, value in packed.items()}


def _check_not_random(dataset: Sequence[dict[str, Any]]) -> None:
    """Load a sample several times under several seeds."""
    images = []
    for probe in range(_PROBES):
        seed_generators(probe, "search probe", devices=False)
        images.append(dataset[0]["inputs"])
    if not all(torch.equal(image, images[0]) for image in images):
        raise ValueError(
            "the training pipeline is random beyond its flip; data in memory are read once. Lay "
            "schedule='short' over the config, whose only random transform is the flip."
        )
