import itertools
import random

import numpy as np
import pytest

from mmaux.search import SearchSpace
from mmaux.search.evaluators import SyntheticEvaluator

SPACE = {"tasks": ("semseg", "depth"), "num_inputs": 4}


def test_the_optimum_is_the_best_of_a_space_that_can_be_listed():
    options = {"tasks": ("a",), "num_inputs": 2, "adaptors": ("skip", "conv1x1")}
    for seed in range(5):
        evaluator = SyntheticEvaluator(**options, reward_seed=seed)
        choices = [decision.choices for decision in evaluator.space.decisions()]
        rewards = {s: evaluator.reward(s) for s in itertools.product(*choices)}
        assert len(rewards) == evaluator.space.size
        assert max(rewards.values()) == pytest.approx(1)
        assert min(rewards.values()) == pytest.approx(0, abs=1e-12)
        assert max(rewards, key=rewards.get) == evaluator.best
        assert min(rewards, key=rewards.get) == evaluator.worst


def test_rewards_are_sums_over_neighbours_in_the_chain():
    evaluator = SyntheticEvaluator(**SPACE, reward_seed=3)
    sequence = evaluator.space.sample(random.Random(1))
    assert sorted(evaluator.chain) == list(range(40))

    def total(sequence):
        places = [
            d.choices.index(c) for d, c in zip(evaluator.space.decisions(), sequence, strict=True)
        ]
        links = zip(evaluator.chain, evaluator.chain[1:], strict=False)
        return sum(
            table[places[a], places[b]]
            for table, (a, b) in zip(evaluator.tables, links, strict=True)
        )

    low, high = total(evaluator.worst), total(evaluator.best)
    assert evaluator.reward(sequence) == pytest.approx((total(sequence) - low) / (high - low))
    assert evaluator.reward(evaluator.best) == pytest.approx(1)
    found = evaluator.evaluate(evaluator.space.decode(sequence), seed=9)
    assert found.reward == evaluator.reward(sequence)


def test_it_is_not_separable():
    """Changing two neighbours at once is not the sum of changing either."""
    evaluator = SyntheticEvaluator(**SPACE)
    base = list(evaluator.space.sample(random.Random(0)))
    decisions = evaluator.space.decisions()
    interactions = []
    for a, b in zip(evaluator.chain, evaluator.chain[1:], strict=False):
        if min(len(decisions[a].choices), len(decisions[b].choices)) < 2:
            continue
        both, one, other = list(base), list(base), list(base)
        for sequence in (both, one):
            sequence[a] = next(c for c in decisions[a].choices if c != base[a])
        for sequence in (both, other):
            sequence[b] = next(c for c in decisions[b].choices if c != base[b])
        values = [evaluator.reward(s) for s in (both, one, other, base)]
        interactions.append(values[0] - values[1] - values[2] + values[3])
    assert np.std(interactions) > 0.005
    assert len(interactions) > 30


def test_the_optimum_is_out_of_reach_of_random_draws():
    evaluator = SyntheticEvaluator(**SPACE)
    generator = random.Random(0)
    best = max(evaluator.reward(evaluator.space.sample(generator)) for _ in range(2000))
    assert best < 0.85


def test_seeds_give_other_rewards():
    sequence = SearchSpace(**SPACE).sample(random.Random(0))
    rewards = {SyntheticEvaluator(**SPACE, reward_seed=seed).reward(sequence) for seed in range(4)}
    assert len(rewards) == 4
