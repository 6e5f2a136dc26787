"""Regularised evolution."""

import random
from collections import deque
from collections.abc import Sequence

from mmaux.registry import SEARCH_CONTROLLERS
from mmaux.search.space import SearchSpace

from .base_controller import BaseController


@SEARCH_CONTROLLERS.register_module()
class EvolutionController(BaseController):
    """Regularised (aging) evolution (Real et al. 2019, 1802.01548, algorithm 1).

    The first proposals are random. Each later one is a mutation of the best of ``sample_size``
    members drawn with replacement from the population, the ``population_size`` sequences whose
    rewards came last: members die of age, not of a low reward. A mutation changes one decision,
    drawn uniformly among those with an alternative, to another valid choice, drawn uniformly.

    With rewards outstanding, the population is what has been told so far; a proposal is random
    while there is none.

    Args:
        space: The search space.
        seed: Seed of all draws.
        population_size: P of the paper; 100 as in its experiments.
        sample_size: S of the paper; 25 as in its experiments.

    Raises:
        ValueError: ``population_size`` or ``sample_size`` is not positive.
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int = 0,
        population_size: int = 100,
        sample_size: int = 25,
    ) -> None:
        super().__init__(space, seed=seed)
        for name, value in (("population_size", population_size), ("sample_size", sample_size)):
            if value < 1:
                raise ValueError(f"evolution: {name} is {value}; expected 1 or more.")
        self.population_size = population_size
        self.sample_size = sample_size
        self._random = random.Random(seed)
        self._population: deque[tuple[float, tuple[int, ...]]] = deque(maxlen=population_size)
        self._initial = population_size
        self._alternatives = [
            (position, decision.choices)
            for position, decision in enumerate(space.decisions())
            if len(decision.choices) > 1
        ]

    def ask(self) -> tuple[int, ...]:
        """A random sequence at first, then a mutation of the tournament's winner."""
        if self._initial or not self._population:
            self._initial = max(self._initial - 1, 0)
            return self.space.sample(self._random)
        tournament = self._random.choices(self._population, k=self.sample_size)
        _, parent = max(tournament, key=lambda member: member[0])
        return self._mutate(parent)

    def tell(self, sequence: Sequence[int], reward: float) -> None:
        """Let a sequence join the population, and the oldest member leave a full one.

        Raises:
            ValueError: The sequence is not in the space, or the reward not in [0, 1].
        """
        self.check_reward(reward)
        self._population.append((reward, self.space.check(sequence)))

    def _mutate(self, parent: tuple[int, ...]) -> tuple[int, ...]:
        if not self._alternatives:
            return parent
        position, choices = self._random.choice(self._alternatives)
        others = [choice for choice in choices if choice != parent[position]]
        return (*parent[:position], self._random.choice(others), *parent[position + 1 :])
