"""One search on a synthetic reward with a known optimum."""

import torch

from mmaux.registry import SEARCH_CONTROLLERS
from mmaux.search.candidates_needed import Attempt, search_for
from mmaux.search.evaluators import SyntheticEvaluator
from mmaux.search.search_settings import CONTROLLERS

TASKS = ("semseg", "depth")
NUM_INPUTS = 4


def attempt(strategy: str, seed: int, target: float, budget: int) -> Attempt:
    """Search with one thread; the controller's seed differs from the reward's.

    Args:
        strategy: Name of a controller.
        seed: Of the reward.
        target: Share of the optimum that ends the search.
        budget: Most candidates.
    """
    torch.set_num_threads(1)
    evaluator = SyntheticEvaluator(tasks=TASKS, num_inputs=NUM_INPUTS, reward_seed=seed)
    config = {"type": CONTROLLERS[strategy], "space": evaluator.space, "seed": seed + 500_000}
    controller = SEARCH_CONTROLLERS.build(config)
    return search_for(target, controller=controller, evaluator=evaluator, budget=budget)
