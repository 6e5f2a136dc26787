import random
from collections import Counter

import pytest
import torch

from mmaux.registry import SEARCH_CONTROLLERS
from mmaux.search import SearchSpace
from mmaux.search.controllers import EvolutionController, PPOController, RandomController

SPACE = SearchSpace(("semseg", "depth"), 4)
SMALL = SearchSpace(("a",), 2, adaptors=("skip", "conv1x1"))
KINDS = (RandomController, EvolutionController, PPOController)
EVERY = pytest.mark.parametrize("kind", KINDS)


def built(kind, *, seed=0, space=SPACE, **options):
    quick = {"batch_size": 4, "hidden_size": 8} if kind is PPOController else {}
    quick = {"population_size": 6, "sample_size": 3} if kind is EvolutionController else quick
    return kind(space, seed=seed, **{**quick, **options})


def rewarded(sequence):
    """Some function of a sequence, in [0, 1]."""
    return random.Random(str(tuple(sequence))).random()


def told(controller, count):
    asked = []
    for _ in range(count):
        sequence = controller.ask()
        controller.tell(sequence, rewarded(sequence))
        asked.append(sequence)
    return asked


@EVERY
def test_proposals_are_members_and_a_function_of_seed_and_calls(kind):
    torch.manual_seed(0)
    before = torch.get_rng_state(), random.getstate()
    first = told(built(kind), 40)
    torch.manual_seed(1)
    random.seed(1)
    assert told(built(kind), 40) == first
    assert told(built(kind, seed=1), 40) != first
    assert all(SPACE.check(sequence) == sequence for sequence in first)
    torch.set_rng_state(before[0])
    random.setstate(before[1])
    told(built(kind), 10)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]


@EVERY
def test_several_may_be_asked_before_any_is_told(kind):
    """And told in any order, the same sequence several times too."""
    runs = []
    for _ in range(2):
        controller = built(kind, space=SearchSpace(("a",), 1))
        waiting, seen = [], []
        for number in range(60):
            waiting.append(controller.ask())
            seen.append(waiting[-1])
            if number % 3 == 2:
                for place in (1, 0, 0):
                    sequence = waiting.pop(place)
                    controller.tell(sequence, rewarded(sequence))
        runs.append(seen)
    assert runs[0] == runs[1]
    assert max(Counter(runs[0]).values()) > 1


@EVERY
@pytest.mark.parametrize("reward", [-0.1, 1.1, float("nan")])
def test_rewards_out_of_range_are_refused(kind, reward):
    controller = built(kind)
    sequence = controller.ask()
    if kind is RandomController:
        controller.tell(sequence, reward)  # learns nothing from it
        return
    with pytest.raises(ValueError, match="reward"):
        controller.tell(sequence, reward)


def test_evolution_mutates_one_decision_of_the_best_of_a_tournament():
    controller = EvolutionController(SPACE, seed=0, population_size=5, sample_size=50)
    initial = told(controller, 5)
    for _ in range(30):
        # Of fifty draws from five members the best is surely among them.
        population = list(controller._population)
        best = max(population, key=lambda member: member[0])[1]
        child = controller.ask()
        changed = [i for i, (a, b) in enumerate(zip(best, child, strict=True)) if a != b]
        assert len(changed) == 1
        controller.tell(child, rewarded(child))
        assert list(controller._population)[:-1] == population[1:], "the oldest one leaves"
    assert not any((rewarded(s), s) in controller._population for s in initial)


def test_ppo_proposes_with_the_probabilities_that_it_states():
    """A policy over one cell: frequencies of whole sequences against their probabilities."""
    space = SearchSpace(("a",), 1, adaptors=("skip", "conv1x1"))
    controller = PPOController(space, seed=0, hidden_size=8, batch_size=4000)
    with torch.no_grad():
        for parameter in controller.policy.parameters():
            parameter.mul_(30)  # far from uniform
    asked = Counter(controller.ask() for _ in range(4000))
    sequences = sorted(asked)
    log_probs, entropy = controller.policy(torch.tensor(sequences))
    chances = log_probs.sum(dim=1).exp()
    assert chances.sum().item() == pytest.approx(1, abs=1e-3), "all eight came up"
    assert chances.max() > 2 * chances.min()
    for sequence, chance in zip(sequences, chances.tolist(), strict=True):
        spread = (4000 * chance * (1 - chance)) ** 0.5
        assert asked[sequence] == pytest.approx(4000 * chance, abs=5 * spread + 1)
    # Entropy of a decision: -sum p log p over its valid choices, here given the empty history.
    first = {s[2]: None for s in sequences}
    assert set(first) == {0, 1}
    assert entropy[:, 0].abs().max() == 0, "the only input is no decision"
    given = log_probs[:, 2].exp()
    expected = -(given * given.log() + (1 - given) * (1 - given).log())
    torch.testing.assert_close(entropy[:, 2], expected)


def test_invalid_choices_have_no_probability():
    controller = built(PPOController)
    sequences, log_probs = controller.policy.sample(200, generator=torch.Generator().manual_seed(0))
    assert all(SPACE.check(row) for row in sequences.tolist())
    again, _ = controller.policy(sequences)
    torch.testing.assert_close(again, log_probs)
    for position, decision in enumerate(SPACE.decisions()):
        valid = ~controller.policy.invalid[position]
        assert set(valid.nonzero().flatten().tolist()) == set(decision.choices)


def test_ppo_update_follows_the_clipped_objective():
    """One update of one epoch by plain SGD, against the gradient written out."""
    controller = PPOController(
        SMALL, seed=0, hidden_size=8, batch_size=3, epochs=2, clip=0.2, entropy_weight=0.05,
        max_grad_norm=1e9,
    )  # fmt: skip
    controller._optimizer = torch.optim.SGD(controller.policy.parameters(), lr=0.5)
    twin = PPOController(SMALL, seed=0, hidden_size=8)
    rewards = [0.9, 0.1, 0.4]
    asked = [controller.ask() for _ in rewards]
    for sequence, reward in zip(asked, rewards, strict=True):
        controller.tell(sequence, reward)

    batch = torch.tensor(asked)
    old = twin.policy(batch)[0].detach()
    values = torch.tensor(rewards, dtype=torch.float64)
    advantages = values - values.mean()
    advantages = (advantages / advantages.square().mean().sqrt())[:, None]
    parameters = list(twin.policy.parameters())
    for _ in range(2):
        new, entropy = twin.policy(batch)
        ratio = (new - old).exp()
        gain = torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean()
        gradients = torch.autograd.grad(-gain - 0.05 * entropy.mean(), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= 0.5 * gradient
    for parameter, expected in zip(controller.policy.parameters(), parameters, strict=True):
        torch.testing.assert_close(parameter, expected, rtol=1e-9, atol=1e-12)
    # The moving average starts at the batch's mean and leaves 5 % to each reward.
    baseline = sum(rewards) / 3
    for reward in rewards:
        baseline += 0.05 * (reward - baseline)
    assert controller.baseline == pytest.approx(baseline)


def test_an_update_drops_proposals_that_were_drawn_before_it():
    controller = built(PPOController, lr=0.1)
    asked = [controller.ask() for _ in range(6)]  # a batch of four, and two of the next
    dropped = [sequence for sequence, _ in controller._proposals]
    for sequence in asked[:4]:
        controller.tell(sequence, rewarded(sequence))
    assert len(dropped) == 2
    following = [controller.ask() for _ in range(4)]
    assert not set(following) & set(dropped)


def test_ratios_refer_to_the_policy_that_proposed():
    """A reward that comes after an update: its old probability is that of asking."""
    controller = built(PPOController, lr=0.1)
    late = controller.ask()
    before = controller.policy(torch.tensor([late]))[0].detach()
    for sequence in [controller.ask() for _ in range(4)]:
        controller.tell(sequence, rewarded(sequence))
    after = controller.policy(torch.tensor([late]))[0].detach()
    assert (before - after).abs().max() > 0.1
    controller.tell(late, 0.5)
    ((_, kept, _),) = controller._told
    torch.testing.assert_close(kept, before[0])


@pytest.mark.parametrize("kind", [EvolutionController, PPOController])
def test_what_earns_is_proposed_more_often(kind):
    """Each decision that equals a wanted one earns; at the end most do."""
    wanted = SPACE.sample(random.Random(5))
    options = (
        {"batch_size": 10, "hidden_size": 32, "lr": 1e-2}
        if kind is PPOController
        else {"population_size": 30, "sample_size": 10}
    )
    controller = kind(SPACE, seed=0, **options)
    rewards = []
    for _ in range(600):
        sequence = controller.ask()
        rewards.append(sum(a == b for a, b in zip(sequence, wanted, strict=True)) / 40)
        controller.tell(sequence, rewards[-1])
    assert sum(rewards[-60:]) / 60 > sum(rewards[:60]) / 60 + 0.3


def test_they_are_built_by_name_and_bad_settings_are_refused():
    for kind in KINDS:
        config = {"type": f"mmaux.{kind.__name__}", "space": SPACE, "seed": 3}
        assert type(SEARCH_CONTROLLERS.build(config)) is kind
    with pytest.raises(ValueError, match="batch_size is 0"):
        PPOController(SPACE, batch_size=0)
    with pytest.raises(ValueError, match="baseline_decay is 1"):
        PPOController(SPACE, baseline_decay=1)
    with pytest.raises(ValueError, match="population_size is 0"):
        EvolutionController(SPACE, population_size=0)
    controller = built(PPOController)
    with pytest.raises(ValueError, match="no reward is outstanding"):
        controller.tell(SPACE.sample(random.Random(0)), 0.5)
