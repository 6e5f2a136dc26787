"""Whether candidates are ranked early as they are ranked in the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from mmaux.search.candidate import Candidate


@dataclass(frozen=True)
class RankStability:
    """Agreement of an early ranking with the last.

    Attributes:
        iteration: When the early rewards were measured.
        count: Candidates that were measured then and to the end.
        tau: Kendall's tau-b between both rewards; 1 is the same order, 0 none.
        p_value: Of no association.
    """

    iteration: int
    count: int
    tau: float
    p_value: float


def rank_stability(candidates: Sequence[Candidate]) -> list[RankStability]:
    """Kendall's tau of the rewards at each iteration with those at the last.

    Only candidates that were evaluated to their end count. Where bad ones were stopped, those left
    are more alike than all were, which lowers tau.
    """
    curves = [
        dict(c.curve)
        for c in candidates
        if c.status == "finished" and not c.stopped_early and c.curve
    ]
    steps = sorted({step for curve in curves for step in curve})
    result = []
    for step in steps[:-1]:
        pairs = [(c[step], c[steps[-1]]) for c in curves if step in c and steps[-1] in c]
        if len(pairs) > 2:
            found = stats.kendalltau(*zip(*pairs, strict=True))
            result.append(
                RankStability(step, len(pairs), float(found.statistic), float(found.pvalue))
            )
    return result
