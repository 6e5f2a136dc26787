"""An endless order of samples that can be entered at any place."""

from collections.abc import Iterator, Sequence, Sized

import torch
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from mmaux.registry import DATA_SAMPLERS
from mmaux.utils.seeding import seeds_of


@DATA_SAMPLERS.register_module()
class SeekableInfiniteSampler(Sampler[int]):
    """Pass after pass over the data, each in an order of its own, split among the ranks.

    As mmengine's ``InfiniteSampler``, but a pass's order follows from the seed and the pass's
    number alone, so that :meth:`seek` costs the same wherever it goes.

    Args:
        dataset: The data; only its length counts.
        shuffle: Whether each pass is shuffled.
        seed: The same on every rank; by default the ranks agree on a random one.

    Raises:
        ValueError: The data set is empty.
    """

    def __init__(self, dataset: Sized, shuffle: bool = True, seed: int | None = None) -> None:
        self.size = len(dataset)
        if self.size == 0:
            raise ValueError("the training data set is empty; an endless order of it has no start.")
        self.shuffle = shuffle
        self.seed = sync_random_seed() if seed is None else seed
        self.rank, self.world_size = get_dist_info()
        self.position = 0

    def seek(self, position: int, *, seed: int) -> None:
        """Let the next iteration begin after ``position`` samples of this rank, under ``seed``."""
        self.position = position
        self.seed = seed

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int]:
        place = self.position * self.world_size + self.rank
        number = -1
        order: Sequence[int] = ()
        while True:
            if place // self.size != number:
                number = place // self.size
                order = self._order(number)
            yield order[place % self.size]
            place += self.world_size

    def _order(self, number: int) -> Sequence[int]:
        if not self.shuffle:
            return range(self.size)
        generator = torch.Generator()
        generator.manual_seed(seeds_of(self.seed, "order", number)[0])
        return torch.randperm(self.size, generator=generator).tolist()
