"""How many candidates search strategies need: counts of which some are only lower bounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from .controllers import BaseController
from .evaluators import BaseEvaluator


@dataclass(frozen=True)
class Attempt:
    """One search for a target.

    Attributes:
        candidates: How many were evaluated, repeated ones counted again.
        reached: Whether the last of them reached the target; if not, the budget ended.
        best: Largest reward.
    """

    candidates: int
    reached: bool
    best: float


def search_for(
    target: float, *, controller: BaseController, evaluator: BaseEvaluator, budget: int
) -> Attempt:
    """Evaluate a controller's proposals, one after another, until one reaches the target.

    Args:
        target: Reward to reach.
        controller: Proposes, and is told each reward before it proposes again.
        evaluator: Finds the rewards.
        budget: Most candidates to evaluate.
    """
    best = 0.0
    for count in range(1, budget + 1):
        sequence = controller.ask()
        evaluation = evaluator.evaluate(controller.space.decode(sequence), seed=0)
        best = max(best, evaluation.reward)
        if best >= target:
            return Attempt(candidates=count, reached=True, best=best)
        controller.tell(sequence, evaluation.reward)
    return Attempt(candidates=budget, reached=False, best=best)


def survival_quantile(attempts: Sequence[Attempt], share: float) -> int | None:
    """Candidates by which a share of searches has reached its target (Kaplan and Meier 1958).

    Returns:
        The least number at which the estimate of those still searching is at most ``1 - share``;
        None if it never is.
    """
    survival = stats.ecdf(_censored(attempts)).sf
    for candidates, searching in zip(survival.quantiles, survival.probabilities, strict=True):
        if searching <= 1 - share + 1e-12:
            return int(candidates)
    return None


def log_rank_p(attempts: Sequence[Attempt], reference: Sequence[Attempt]) -> float:
    """Two-sided p value that two strategies need equally many candidates (log-rank test).

    It is 1 where no search of either reached its target: nothing was observed.
    """
    if not any(attempt.reached for attempt in (*attempts, *reference)):
        return 1.0
    return float(stats.logrank(_censored(attempts), _censored(reference)).pvalue)


def _censored(attempts: Sequence[Attempt]) -> stats.CensoredData:
    return stats.CensoredData.right_censored(
        [attempt.candidates for attempt in attempts], [not attempt.reached for attempt in attempts]
    )
