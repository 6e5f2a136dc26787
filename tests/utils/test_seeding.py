import random

import numpy as np
import torch

from mmaux.utils.seeding import seed_generators, seeds_of


def draw() -> tuple[float, float, float]:
    return random.random(), np.random.rand(), torch.rand(()).item()


def test_a_place_of_a_stream_always_draws_the_same() -> None:
    seed_generators(3, "iteration", 7, 1)
    first = draw()
    draw()
    seed_generators(3, "iteration", 7, 1)
    assert draw() == first


def test_every_argument_counts() -> None:
    places = [(3, "iteration", 7, 1), (4, "iteration", 7, 1), (3, "sample", 7, 1)]
    places += [(3, "iteration", 8, 1), (3, "iteration", 7, 2), (3, "iteration", 7)]
    seeds = [tuple(seeds_of(*place)) for place in places]
    assert len(set(seeds)) == len(places)
    drawn = set()
    for place in places:
        seed_generators(*place)
        drawn.add(draw())
    assert len(drawn) == len(places)


def test_seeds_are_the_same_on_every_machine() -> None:
    # As printed once; numpy promises that SeedSequence's algorithm stays.
    assert seeds_of(0, "order", 0) == [1428798525, 2901502222, 2043338039, 3221689415]
