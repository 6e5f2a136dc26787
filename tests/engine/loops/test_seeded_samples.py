import pickle
import random
from itertools import islice

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler, InfiniteSampler
from torch.utils.data import DataLoader, Dataset

from mmaux.datasets.samplers import SeekableInfiniteSampler
from mmaux.engine.loops.seeded_samples import SampleIndex, SampleStream, SeededDataset


class Draws(Dataset):
    """Each sample is its index and what the three generators draw while it is loaded."""

    metainfo = {"classes": ("a",)}

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> tuple[int, float, float, float]:
        return index, random.random(), np.random.rand(), torch.rand(()).item()

    def __getitems__(self, indices: list[int]) -> list:
        raise AssertionError("would load past the seeding")


def stream(kind: type = SeekableInfiniteSampler, *, start: int = 0) -> SampleStream:
    made = SampleStream(Draws(), {"type": kind, "shuffle": True}, seed=2)
    made.begin(position=start, seed=2)
    return made


def load(count: int, *, workers: int = 0, start: int = 0) -> list:
    loader = DataLoader(
        SeededDataset(Draws()),
        sampler=stream(start=start),
        batch_size=2,
        num_workers=workers,
        collate_fn=list,
    )
    return [sample for batch in islice(loader, count // 2) for sample in batch]


@pytest.mark.parametrize("workers", [1, 2])
def test_augmentation_does_not_depend_on_the_worker(workers: int) -> None:
    assert load(12, workers=workers) == load(12)


def test_entering_the_stream_gives_what_it_would_have_given() -> None:
    assert load(6, start=14) == load(20)[14:]


def test_a_sample_is_augmented_anew_in_every_pass() -> None:
    samples = load(20)
    for index in range(10):
        first, second = (sample[1:] for sample in samples if sample[0] == index)
        assert first != second


def test_places_count_over_all_ranks() -> None:
    made = stream(start=3)
    made.rank, made.world_size = 1, 2
    assert [index.place for index in islice(made, 3)] == [7, 9, 11]


def test_any_other_sampler_is_entered_by_dropping_indices() -> None:
    whole = list(islice(stream(DefaultSampler), 35))
    assert [int(index) for index in islice(stream(DefaultSampler, start=17), 18)] == whole[17:]
    assert [index.place for index in whole] == list(range(35))
    epochs = [whole[i : i + 10] for i in (0, 10, 20)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 3
    assert epochs[0] != epochs[1]


def test_a_sampler_that_draws_nothing_is_refused() -> None:
    class Nothing(Draws):
        def __len__(self) -> int:
            return 0

    made = SampleStream(Nothing(), {"type": DefaultSampler, "shuffle": False}, seed=0)
    with pytest.raises(ValueError, match="the sampler of train_dataloader draws no sample"):
        next(iter(made))


def test_an_index_reaches_a_worker_whole() -> None:
    index = pickle.loads(pickle.dumps(SampleIndex(4, place=11, seed=3)))
    assert (index, index.place, index.seed) == (4, 11, 3)


def test_the_rest_is_the_inner_data_set() -> None:
    dataset = SeededDataset(Draws())
    assert (len(dataset), dataset.metainfo) == (10, Draws.metainfo)
    assert pickle.loads(pickle.dumps(dataset)).metainfo == Draws.metainfo
    with pytest.raises(AttributeError):
        _ = dataset.unknown


@pytest.mark.parametrize("kind", [InfiniteSampler, DefaultSampler])
def test_a_sampler_that_cannot_seek_takes_the_seed_of_the_run(kind: type) -> None:
    """Which a resumed run without a seed of its own learns after its data were built."""
    uninterrupted = [int(index) for index in islice(iter(stream(kind)), 20)]
    made = SampleStream(Draws(), {"type": kind, "shuffle": True}, seed=77)
    made.begin(position=14, seed=2)
    assert [int(index) for index in islice(iter(made), 6)] == uninterrupted[14:]
