"""A reward with a known optimum, to try search strategies on."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mmaux.models.auxiliary.architecture import AGGREGATIONS, AuxiliaryArchitecture
from mmaux.registry import SEARCH_EVALUATORS
from mmaux.search.space import SEARCHED_ADAPTORS, SearchSpace

from .base_evaluator import BaseEvaluator, Evaluation


@SEARCH_EVALUATORS.register_module()
class SyntheticEvaluator(BaseEvaluator):
    """A random reward over a real search space, made of interactions of pairs of decisions.

    All decisions of a sequence are put into a random order, a chain. Each two neighbours in it have
    a table of standard normal numbers, an entry for each pair of their valid choices. The sum of
    the entries that a sequence picks is mapped linearly to a reward in [0, 1], such that the best
    sequence of the space has reward 1 and the worst 0. Both are found exactly by dynamic
    programming along the chain (Viterbi). What makes it a fair test of a strategy:

    - It is not separable. What a choice is worth depends on the choices of its two neighbours, and
      with independent entries the interactions of a table of m by n carry (1 - 1/m)(1 - 1/n) of
      its variance in expectation: no sum of one function for each decision comes near.
    - Neighbours in the chain are rarely neighbours in the sequence, so that no strategy gains from
      the order in which it decides.
    - Every decision counts alike, and the share of sequences near the optimum is negligible.

    It is a reward of sequences: it counts decisions in dead cells like those in live ones, and
    equal graphs may differ in it. A search that answers repeated graphs from its storage must not
    be tried on it.

    Args:
        tasks: Tasks of the search space.
        num_inputs: Its feature maps.
        adaptors: Its adaptors.
        aggregations: Its aggregations.
        reward_seed: Seed of the chain and the tables.
        device: Not used; nothing is computed that needs one.

    Attributes:
        space: The search space.
        best: A sequence of reward 1.
        worst: A sequence of reward 0.
    """

    def __init__(
        self,
        *,
        tasks: Sequence[str],
        num_inputs: int,
        adaptors: Sequence[str] = SEARCHED_ADAPTORS,
        aggregations: Sequence[str] = AGGREGATIONS,
        reward_seed: int = 0,
        device: str = "cpu",
    ) -> None:
        super().__init__(device=device)
        self.space = SearchSpace(tuple(tasks), num_inputs, tuple(adaptors), tuple(aggregations))
        choices = [decision.choices for decision in self.space.decisions()]
        generator = np.random.default_rng(reward_seed)
        self.chain = tuple(generator.permutation(len(choices)).tolist())
        self.tables = tuple(
            generator.standard_normal((len(choices[left]), len(choices[right])))
            for left, right in zip(self.chain, self.chain[1:], strict=False)
        )
        self._places = [{choice: place for place, choice in enumerate(row)} for row in choices]
        self.best = self._sequence(best_path(self.tables))
        self.worst = self._sequence(best_path([-table for table in self.tables]))
        self._low, self._high = self._total(self.worst), self._total(self.best)

    def evaluate(
        self,
        architecture: AuxiliaryArchitecture,
        *,
        seed: int,
        bar: Mapping[int, float] | None = None,
    ) -> Evaluation:
        """The reward; ``seed`` and ``bar`` do not matter, as nothing is drawn or trained."""
        return Evaluation(reward=self.reward(self.space.encode(architecture)))

    def reward(self, sequence: Sequence[int]) -> float:
        """The reward of a sequence of the space."""
        return (self._total(sequence) - self._low) / (self._high - self._low)

    def _total(self, sequence: Sequence[int]) -> float:
        places = [self._places[position][sequence[position]] for position in self.chain]
        links = zip(self.tables, places, places[1:], strict=False)
        return float(sum(table[left, right] for table, left, right in links))

    def _sequence(self, path: Sequence[int]) -> tuple[int, ...]:
        """Choices in the order of the sequence, from their places in the order of the chain."""
        decisions = self.space.decisions()
        chosen = {
            position: decisions[position].choices[place]
            for position, place in zip(self.chain, path, strict=True)
        }
        return tuple(chosen[position] for position in range(len(chosen)))


def best_path(tables: Sequence[NDArray[np.float64]]) -> tuple[int, ...]:
    """The path of the largest sum through a chain of tables (Viterbi).

    Args:
        tables: The k-th has shape (n_k, n_{k+1}): a value for each step from an entry of the k-th
            set to one of the next.

    Returns:
        An index into each of the sets.
    """
    totals = np.zeros(tables[0].shape[0])
    origins = []
    for table in tables:
        sums = totals[:, None] + table
        origins.append(sums.argmax(axis=0))
        totals = sums.max(axis=0)
    path = [int(totals.argmax())]
    for origin in reversed(origins):
        path.append(int(origin[path[-1]]))
    return tuple(reversed(path))
