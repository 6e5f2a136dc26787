from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmaux.datasets.samplers import SeekableInfiniteSampler


def sampler(size: int, *, rank: int = 0, world_size: int = 1, **options: object):
    made = SeekableInfiniteSampler(range(size), seed=5, **options)
    made.rank, made.world_size = rank, world_size
    return made


def first(indices, count: int) -> list[int]:
    return list(islice(indices, count))


def test_every_pass_has_every_sample_once_in_its_own_order() -> None:
    order = first(sampler(7), 21)
    passes = [order[i : i + 7] for i in (0, 7, 14)]
    assert [sorted(each) for each in passes] == [list(range(7))] * 3
    assert passes[0] != passes[1] != passes[2]


def test_unshuffled_order_counts() -> None:
    assert first(sampler(3, shuffle=False), 7) == [0, 1, 2, 0, 1, 2, 0]


@given(size=st.integers(1, 9), start=st.integers(0, 40), world=st.integers(1, 4))
def test_seeking_gives_what_iterating_would_have_given(size: int, start: int, world: int) -> None:
    for rank in range(world):
        whole = first(sampler(size, rank=rank, world_size=world), start + 10)
        entered = sampler(size, rank=rank, world_size=world)
        entered.seek(start, seed=5)
        assert first(entered, 10) == whole[start:]


@given(size=st.integers(1, 9), world=st.integers(1, 4))
def test_ranks_share_the_order_of_one(size: int, world: int) -> None:
    alone = first(sampler(size), 12 * world)
    for rank in range(world):
        assert first(sampler(size, rank=rank, world_size=world), 12) == alone[rank::world]


def test_seeking_far_asks_for_no_pass_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    entered = sampler(5)
    asked = []
    order = entered._order
    monkeypatch.setattr(entered, "_order", lambda number: asked.append(number) or order(number))
    entered.seek(10**9 + 3, seed=5)
    first(entered, 2)
    assert asked == [(10**9 + 3) // 5]


def test_the_seed_of_the_run_counts() -> None:
    one, other = sampler(20), sampler(20)
    other.seek(0, seed=6)
    assert first(one, 20) != first(other, 20)


def test_an_empty_data_set_is_refused() -> None:
    with pytest.raises(ValueError, match="the training data set is empty"):
        SeekableInfiniteSampler([], seed=0)
