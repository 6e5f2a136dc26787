"""What every search strategy has in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from mmaux.search.space import SearchSpace


class BaseController(ABC):
    """Proposes architectures and learns from their rewards.

    A controller is a function of its seed and of the order of the calls: the same calls give the
    same proposals, on any machine. A search that was killed is continued by making them again.
    Several proposals may be under evaluation at a time, so ``tell`` comes later than ``ask``, and
    in any order.

    Args:
        space: The search space.
        seed: Seed of all that the controller draws.
    """

    def __init__(self, space: SearchSpace, *, seed: int = 0) -> None:
        self.space = space
        self.seed = seed

    @abstractmethod
    def ask(self) -> tuple[int, ...]:
        """A sequence of decisions to evaluate next."""

    @abstractmethod
    def tell(self, sequence: Sequence[int], reward: float) -> None:
        """Learn the reward, in [0, 1], of a sequence that was asked for."""

    @staticmethod
    def check_reward(reward: float) -> None:
        """Refuse what is no reward.

        Raises:
            ValueError: It is not in [0, 1]; NaN is not.
        """
        if not 0.0 <= reward <= 1.0:
            raise ValueError(f"a reward is in [0, 1], found {reward}.")
