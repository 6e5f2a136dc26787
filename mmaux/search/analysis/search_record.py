"""A search as a sequence of rewards."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from mmaux.search.candidate import Candidate
from mmaux.search.storage import SearchStorage

from .mean_difference import MeanDifference, mean_difference


@dataclass(frozen=True)
class SearchRecord:
    """A search so far.

    Attributes:
        strategy: Name of its strategy.
        proposals: All candidates, in the order of the proposals.
        evaluated: Those that were evaluated, in the order in which they ended.
        wall_seconds: How long it ran.
    """

    strategy: str
    proposals: tuple[Candidate, ...]
    evaluated: tuple[Candidate, ...]
    wall_seconds: float

    @classmethod
    def of(cls, storage: SearchStorage) -> "SearchRecord":
        """Read a storage, also while it is written."""
        candidates = storage.candidates()
        evaluated = sorted(
            (c for c in candidates if c.is_evaluated), key=lambda c: (c.finished_at or 0, c.number)
        )
        return cls(
            strategy=storage.identity["strategy"],
            proposals=tuple(candidates),
            evaluated=tuple(evaluated),
            wall_seconds=storage.wall_seconds(),
        )

    @property
    def rewards(self) -> tuple[float, ...]:
        """Rewards of the evaluated candidates."""
        return tuple(c.reward or 0.0 for c in self.evaluated)

    @property
    def best_so_far(self) -> tuple[float, ...]:
        """Highest reward after each evaluation."""
        return tuple(accumulate(self.rewards, max))

    @property
    def seconds(self) -> float:
        """Time spent in evaluations, summed over the workers."""
        return sum(c.seconds or 0.0 for c in self.evaluated)

    def within(self, seconds: float) -> tuple[float, ...]:
        """Rewards of the candidates whose evaluations fit into a time, summed over the workers."""
        totals = accumulate(c.seconds or 0.0 for c in self.evaluated)
        return tuple(r for r, total in zip(self.rewards, totals, strict=True) if total <= seconds)


@dataclass(frozen=True)
class RandomComparison:
    """A search beside a random search of the same cost.

    Attributes:
        count: Evaluated candidates that are compared, the same number of both.
        best: Highest reward of the search among its first ``count``.
        random_best: That of the random search.
        late: Mean reward of the random search's ``count`` and of the last third of the search's:
            what the controller proposes once it has learnt.
        seconds: Time in evaluations that is compared, the same of both.
        best_in_time: Highest reward of the search within that time.
        random_best_in_time: That of the random search.
    """

    count: int
    best: float
    random_best: float
    late: MeanDifference
    seconds: float
    best_in_time: float
    random_best_in_time: float


def compare_with_random(search: SearchRecord, chance: SearchRecord) -> RandomComparison | None:
    """Compare at equal numbers of candidates and at equal time.

    Returns:
        None while one of them has no three evaluated candidates.
    """
    count = min(len(search.rewards), len(chance.rewards))
    if count < 3:
        return None
    rewards, others = search.rewards[:count], chance.rewards[:count]
    seconds = min(search.seconds, chance.seconds) + 1e-6  # sums in another order
    return RandomComparison(
        count=count,
        best=max(rewards),
        random_best=max(others),
        late=mean_difference(others, rewards[-(count // 3) :]),
        seconds=seconds,
        best_in_time=max(search.within(seconds), default=0.0),
        random_best_in_time=max(chance.within(seconds), default=0.0),
    )


def moving_mean(values: Sequence[float], window: int) -> list[float]:
    """Mean of each value and those before it, up to ``window`` of them."""
    return [
        sum(values[max(0, end - window) : end]) / min(end, window)
        for end in range(1, len(values) + 1)
    ]
