"""Random search."""

import random
from collections.abc import Sequence

from mmaux.registry import SEARCH_CONTROLLERS
from mmaux.search.space import SearchSpace

from .base_controller import BaseController


@SEARCH_CONTROLLERS.register_module()
class RandomController(BaseController):
    """Every decision uniform among its valid choices: what every other strategy must beat."""

    def __init__(self, space: SearchSpace, *, seed: int = 0) -> None:
        super().__init__(space, seed=seed)
        self._random = random.Random(seed)

    def ask(self) -> tuple[int, ...]:
        """Draw a sequence."""
        return self.space.sample(self._random)

    def tell(self, sequence: Sequence[int], reward: float) -> None:
        """Learn nothing."""
