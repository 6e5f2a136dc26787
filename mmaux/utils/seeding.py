"""Random numbers that depend on where training stands, not on what ran before."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from zlib import crc32

import numpy as np
import torch


def seeds_of(seed: int, stream: str, *numbers: int) -> list[int]:
    """Four 32-bit seeds for a place in a random stream.

    Args:
        seed: Seed of the run.
        stream: What is drawn, such as ``"order"``; streams are independent of each other.
        numbers: The place, such as an iteration and a rank; 0 or more.

    Returns:
        Four integers, equal on every machine for equal arguments.
    """
    entropy = [seed, crc32(stream.encode()), *numbers]
    return np.random.SeedSequence(entropy).generate_state(4).tolist()


def seed_generators(seed: int, stream: str, *numbers: int, devices: bool) -> None:
    """Put the global generators of ``random``, numpy and torch at a place of a stream.

    Args:
        seed: Seed of the run.
        stream: See :func:`seeds_of`.
        numbers: The place.
        devices: Whether torch's generators of GPUs and the like are put there too. That takes a
            hundred times longer where none is in use yet, as in a loader's worker.
    """
    first, second, third, fourth = seeds_of(seed, stream, *numbers)
    random.seed(first)
    np.random.seed(second)
    seed_torch = torch.manual_seed if devices else torch.default_generator.manual_seed
    seed_torch(third << 32 | fourth)


@contextmanager
def preserved_generators(device: torch.device) -> Iterator[None]:
    """Give the global generators of ``random``, numpy and torch their state back at the end.

    Args:
        device: A GPU's generator is preserved too; others are not touched.
    """
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        try:
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])
