import pytest

from mmaux.search import SearchSpace
from mmaux.search.candidates_needed import Attempt, log_rank_p, search_for, survival_quantile
from mmaux.search.controllers import EvolutionController, PPOController, RandomController
from mmaux.search.evaluators import SyntheticEvaluator

TASKS = ("semseg", "depth")


def attempts(*counts, budget=100):
    return [Attempt(min(c, budget), reached=c <= budget, best=1.0) for c in counts]


def test_a_search_ends_at_its_target_or_its_budget():
    evaluator = SyntheticEvaluator(tasks=TASKS, num_inputs=4)
    options = {"evaluator": evaluator, "budget": 50}
    space = SearchSpace(TASKS, 4)
    failed = search_for(0.95, controller=RandomController(space), **options)
    assert (failed.candidates, failed.reached) == (50, False)
    found = search_for(failed.best, controller=RandomController(space), **options)
    assert found.reached
    assert found.best == failed.best
    controller = RandomController(space)
    rewards = [evaluator.reward(controller.ask()) for _ in range(50)]
    assert found.candidates == 1 + rewards.index(max(rewards))


def test_quantiles_of_censored_counts():
    # Kaplan-Meier by hand: 3/4, 2/4, then one censored at 100 and one event at 60: 1/4.
    assert survival_quantile(attempts(10, 20, 60, 200), 0.5) == 20
    assert survival_quantile(attempts(10, 20, 60, 200), 0.75) == 60
    assert survival_quantile(attempts(10, 20, 60, 200), 0.9) is None


def test_the_log_rank_test_by_hand():
    """Two groups of two: 1, 2 against 3, 4. E = 2/4 + 1/3, V = 1/4 + 2/9."""
    p = log_rank_p(attempts(1, 2), attempts(3, 4))
    statistic = (2 - (1 / 2 + 1 / 3)) ** 2 / (1 / 4 + 2 / 9)
    from scipy import stats

    assert p == pytest.approx(stats.chi2.sf(statistic, 1))
    assert log_rank_p(attempts(200), attempts(300)) == 1.0


@pytest.mark.parametrize(
    ("kind", "options", "target"),
    [
        (EvolutionController, {"population_size": 50, "sample_size": 15}, 0.8),
        (PPOController, {"hidden_size": 32, "batch_size": 10, "lr": 1e-2}, 0.72),
    ],
)
def test_learning_needs_significantly_fewer_candidates_than_drawing(kind, options, target):
    """A small form of tools/benchmarks/controllers.py: a lower target, eight seeds."""
    needed = {kind: [], RandomController: []}
    for seed in range(8):
        evaluator = SyntheticEvaluator(tasks=TASKS, num_inputs=4, reward_seed=seed)
        for strategy, settings in ((kind, options), (RandomController, {})):
            controller = strategy(evaluator.space, seed=seed + 100, **settings)
            needed[strategy].append(
                search_for(target, controller=controller, evaluator=evaluator, budget=600)
            )
    assert log_rank_p(needed[kind], needed[RandomController]) < 0.01
    reached = [sum(a.reached for a in needed[k]) for k in (kind, RandomController)]
    assert reached[0] > reached[1]
