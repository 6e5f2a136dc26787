"""An evaluator without training, whose rank correlations are known."""

import math
import random
from collections.abc import Mapping

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture
from mmaux.registry import SEARCH_EVALUATORS
from mmaux.search import canonical_key
from mmaux.search.evaluators import BaseEvaluator, Evaluation

CALLS: list[tuple[float, int]] = []


@SEARCH_EVALUATORS.register_module(name="NoisyFake")
class NoisyFake(BaseEvaluator):
    """A worth of each architecture, standard normal, plus noise of the seed, then squashed.

    Two evaluations with noise s correlate by 1 / (1 + s^2), so that tau is known.
    """

    def __init__(
        self, *, noise: float, fails: bool = False, work_dir: str = "", device: str = "cpu"
    ) -> None:
        super().__init__(device=device)
        self.noise, self.fails = noise, fails

    def evaluate(
        self,
        architecture: AuxiliaryArchitecture,
        *,
        seed: int,
        bar: Mapping[int, float] | None = None,
    ) -> Evaluation:
        CALLS.append((self.noise, seed))
        key = canonical_key(architecture)
        worth = random.Random(key).gauss(0, 1)
        drawn = random.Random(f"{key} {seed} {self.noise}")
        if self.fails and worth > 0:
            raise FloatingPointError("diverged")
        curve = [
            (step, 1 / (1 + math.exp(-worth - noise * drawn.gauss(0, 1))))
            for step, noise in ((5, 4 * self.noise), (10, self.noise))
        ]
        return Evaluation(reward=curve[-1][1], curve=tuple(curve), metrics={"m": worth})
