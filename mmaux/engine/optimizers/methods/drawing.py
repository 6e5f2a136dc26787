"""Random numbers of methods: the same on every process, and after a resume."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from mmaux.utils.seeding import seeds_of


def generator_of_step(seed: int, step: int) -> random.Random:
    """A generator that belongs to a step."""
    return random.Random(str(seeds_of(seed, "method", step)))


@contextmanager
def torch_seeded_for_step(seed: int, step: int) -> Iterator[None]:
    """Context in which torch draws on the CPU what belongs to a step; outside nothing changes."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seeds_of(seed, "method", step)[0])
        yield
