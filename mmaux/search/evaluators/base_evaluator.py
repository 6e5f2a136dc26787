"""What every evaluator has in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        reward: In [0, 1], higher is better.
        metrics: The metrics behind it, by name.
        curve: Iterations and the rewards measured at them, in order; the last is ``reward``.
        stopped_early: Whether the candidate fell below the bar before its last iteration.
    """

    reward: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    curve: tuple[tuple[int, float], ...] = ()
    stopped_early: bool = False


class BaseEvaluator(ABC):
    """Finds the reward of an architecture.

    It is built once in each worker process and keeps there what candidates have in common. The
    result must depend on the arguments of :meth:`evaluate` alone, not on what was evaluated before.

    Args:
        device: Where to compute, such as ``'cpu'`` or ``'cuda:1'``.
    """

    def __init__(self, *, device: str = "cpu") -> None:
        self.device = device

    @abstractmethod
    def evaluate(
        self,
        architecture: AuxiliaryArchitecture,
        *,
        seed: int,
        bar: Mapping[int, float] | None = None,
    ) -> Evaluation:
        """Evaluate a candidate.

        Args:
            architecture: The candidate.
            seed: Seed of all that is drawn.
            bar: Least reward by iteration; a candidate below it there is stopped.

        Raises:
            Exception: Whatever went wrong; it is recorded and the search goes on.
        """
