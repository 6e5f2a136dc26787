import random

import numpy as np
import pytest
import torch

from mmaux.utils.seeding import preserved_generators, seed_generators, seeds_of


def draw() -> tuple[float, float, float]:
    return random.random(), np.random.rand(), torch.rand(()).item()


@pytest.mark.parametrize("devices", [True, False])
def test_a_place_of_a_stream_always_draws_the_same(devices: bool) -> None:
    seed_generators(3, "iteration", 7, 1, devices=True)
    first = draw()
    draw()
    seed_generators(3, "iteration", 7, 1, devices=devices)
    assert draw() == first


@pytest.mark.parametrize("devices", [True, False])
def test_devices_are_seeded_on_request(devices: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    seeded: list[int] = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", seeded.append)
    seed_generators(3, "sample", 7, devices=devices)
    assert len(seeded) == devices


def test_every_argument_counts() -> None:
    places = [(3, "iteration", 7, 1), (4, "iteration", 7, 1), (3, "sample", 7, 1)]
    places += [(3, "iteration", 8, 1), (3, "iteration", 7, 2), (3, "iteration", 7)]
    seeds = [tuple(seeds_of(*place)) for place in places]
    assert len(set(seeds)) == len(places)
    drawn = set()
    for place in places:
        seed_generators(*place, devices=True)
        drawn.add(draw())
    assert len(drawn) == len(places)


def test_seeds_are_the_same_on_every_machine() -> None:
    # As printed once; numpy promises that SeedSequence's algorithm stays.
    assert seeds_of(0, "order", 0) == [1428798525, 2901502222, 2043338039, 3221689415]


def test_preserved_generators_get_their_state_back_also_after_an_error() -> None:
    seed_generators(3, "x", devices=False)
    expected = draw()
    seed_generators(3, "x", devices=False)

    def fail() -> None:
        with preserved_generators(torch.device("cpu")):
            draw()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert draw() == expected
