import pytest
from small_search import record, search, settings

from mmaux.search.analysis.rank_stability import rank_stability
from mmaux.search.analysis.search_record import SearchRecord, compare_with_random, moving_mean


def test_against_random_by_hand():
    ours = record([0.1, 0.4, 0.3, 0.6, 0.8, 0.7, 0.99], seconds=2.0)
    chance = record([0.5, 0.2, 0.3, 0.4, 0.1, 0.55], strategy="random", seconds=1.0)
    found = compare_with_random(ours, chance)
    assert (found.count, found.best, found.random_best) == (6, 0.8, 0.55)
    assert found.late.second == pytest.approx(0.75), "the last two of six"
    assert found.late.first == pytest.approx(2.05 / 6)
    # Six seconds: three of ours, all of the others.
    assert found.seconds == pytest.approx(6)
    assert (found.best_in_time, found.random_best_in_time) == (0.4, 0.55)
    assert compare_with_random(record([0.1, 0.2]), chance) is None


def test_sequences_of_rewards():
    assert record([0.2, 0.1, 0.4, 0.3]).best_so_far == (0.2, 0.2, 0.4, 0.4)
    assert moving_mean([1.0, 2.0, 3.0, 6.0], 3) == pytest.approx([1, 1.5, 2, 11 / 3])
    assert moving_mean([], 3) == []


def test_a_stored_search(tmp_path):
    chosen = settings(candidates=20, raises=(0.2, 0.4), controller="mmaux.RandomController")
    _, candidates, storage = search(tmp_path / "s.db", chosen)
    found = SearchRecord.of(storage)
    assert found.strategy == chosen.strategy == "random"
    assert found.proposals == tuple(candidates)
    assert len(found.rewards) == 20
    assert 0.0 in found.rewards
    assert found.seconds == pytest.approx(sum(c.seconds or 0 for c in candidates))


def test_rank_stability_by_hand():
    early, last = (0.1, 0.2, 0.4, 0.3), (0.5, 0.6, 0.7, 0.8)
    curves = [((1, a), (2, b)) for a, b in zip(early, last, strict=True)]
    (found,) = rank_stability(record(last, curves=curves).evaluated)
    # Five of six pairs agree.
    assert (found.iteration, found.count) == (1, 4)
    assert found.tau == pytest.approx(4 / 6)
    assert rank_stability(record(last).evaluated) == []
