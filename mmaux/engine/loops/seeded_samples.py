"""Data whose augmentation depends on a sample's place in training, on nothing else."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

from mmengine.dist import get_dist_info
from mmengine.registry import DATASETS
from mmengine.runner import Runner
from torch.utils.data import DataLoader, Dataset, Sampler

from mmaux.registry import DATA_SAMPLERS
from mmaux.utils.seeding import seed_generators


class SampleIndex(int):
    """A sample's index that also knows its place among all samples of training.

    Attributes:
        place: How many samples all ranks together have drawn before it.
        seed: Seed of the run.
    """

    place: int
    seed: int

    def __new__(cls, index: int, place: int, seed: int) -> "SampleIndex":
        """Attach place and seed to an index."""
        self = super().__new__(cls, index)
        self.place, self.seed = place, seed
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return SampleIndex, (int(self), self.place, self.seed)


class SampleStream(Sampler[SampleIndex]):
    """Any sampler as an endless stream that can be entered at any place.

    A sampler with a method ``seek(position, *, seed)`` goes there at once; of any other the
    indices before the place are drawn and dropped, without loading data. A finite one is started
    again under the next epoch's number.

    Args:
        dataset: The data that the sampler orders.
        sampler: Config of the sampler.
        seed: Seed of the sampler.
    """

    def __init__(self, dataset: Dataset, sampler: dict[str, Any], seed: int | None = None) -> None:
        self._build = partial(DATA_SAMPLERS.build, sampler)
        self._dataset, self._built_with = dataset, seed
        self.sampler = self._build(default_args={"dataset": dataset, "seed": seed})
        self.rank, self.world_size = get_dist_info()
        self.position = 0
        self.seed = 0

    def begin(self, *, position: int, seed: int) -> None:
        """Let the next iteration begin after ``position`` samples of this rank.

        A run without a seed of its own learns that of the run that it resumes after its data were
        built; a sampler that cannot seek is built again then.
        """
        self.position, self.seed = position, seed
        if not hasattr(self.sampler, "seek") and seed != self._built_with:
            self.sampler = self._build(default_args={"dataset": self._dataset, "seed": seed})
            self._built_with = seed

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[SampleIndex]:
        for number, index in enumerate(self._indices(), start=self.position):
            yield SampleIndex(index, number * self.world_size + self.rank, self.seed)

    def _indices(self) -> Iterator[int]:
        if hasattr(self.sampler, "seek"):
            self.sampler.seek(self.position, seed=self.seed)
            return iter(self.sampler)
        return islice(self._epochs(), self.position, None)

    def _epochs(self) -> Iterator[int]:
        if len(self.sampler) == 0:
            raise ValueError("the sampler of train_dataloader draws no sample; check its data set.")
        epoch = 0
        while True:
            if hasattr(self.sampler, "set_epoch"):
                self.sampler.set_epoch(epoch)
            yield from self.sampler
            epoch += 1


class SeededDataset(Dataset):
    """A data set that seeds the generators before it loads a sample drawn by a stream.

    Everything else is the inner data set's.

    Args:
        dataset: Config of the data set, or the data set.
    """

    def __init__(self, dataset: dict[str, Any] | Dataset) -> None:
        self.dataset: Any = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset

    def __getitem__(self, index: int) -> Any:
        if isinstance(index, SampleIndex):
            seed_generators(index.seed, "sample", index.place, devices=False)
        return self.dataset[int(index)]

    def __len__(self) -> int:
        return len(self.dataset)

    def __getattr__(self, name: str) -> Any:
        # Special names, ``__getitems__`` among them, would lead past the seeding, and before the
        # inner data set is there (in unpickling) the search for it would never end.
        if name.startswith("__") or "dataset" not in self.__dict__:
            raise AttributeError(name)
        return getattr(self.dataset, name)


def build_seeded_dataloader(dataloader: Mapping[str, Any], *, seed: int) -> DataLoader:
    """The data of a config, in an endless order that its :class:`SampleStream` is told to begin.

    Args:
        dataloader: Config of the data.
        seed: Seed of the sampler.
    """
    seeded = {
        **dataloader,
        "dataset": {"type": SeededDataset, "dataset": dataloader["dataset"]},
        "sampler": {"type": SampleStream, "sampler": dataloader["sampler"]},
    }
    return Runner.build_dataloader(seeded, seed=seed)
