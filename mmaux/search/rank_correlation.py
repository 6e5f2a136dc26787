"""How well one way to rank candidates agrees with another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RankCorrelation:
    """Kendall's tau with its interval.

    Attributes:
        tau: Tau-b, 1 for the same order, 0 for none in common; NaN if undefined.
        low: Lower end of the bootstrap interval.
        high: Upper end.
        count: Number of candidates.
    """

    tau: float
    low: float
    high: float
    count: int


def rank_correlation(
    *pairs: tuple[Sequence[float], Sequence[float]],
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> RankCorrelation:
    """Kendall's tau-b of two columns of values, with a percentile bootstrap over candidates.

    Of several pairs of columns, such as one estimate beside trainings under several seeds, the
    taus are averaged, not the values: that would make a reference less noisy than the single
    training with which its own ceiling is measured.

    Args:
        pairs: Two columns, one value a candidate; the candidates are the same in all pairs.
        confidence: Probability that the interval covers.
        resamples: Bootstrap samples; those in which tau is undefined (a single candidate drawn
            again and again) are left out.
        seed: Of the bootstrap.

    Raises:
        ValueError: There is no pair, or the numbers of values differ.
    """
    lengths = [len(column) for pair in pairs for column in pair]
    if len(set(lengths)) != 1:
        raise ValueError(f"found columns of {lengths} values; expected pairs of equal length.")
    table = np.array(pairs, dtype=float)
    count = lengths[0]
    generator = np.random.default_rng(seed)
    draws = generator.integers(max(count, 1), size=(resamples, count))
    taus = [value for draw in draws if np.isfinite(value := _mean_tau(table[..., draw]))]
    tail = 50 * (1 - confidence)
    low, high = np.percentile(taus, [tail, 100 - tail]) if taus else (np.nan, np.nan)
    return RankCorrelation(_mean_tau(table), float(low), float(high), count)


def _mean_tau(table: np.ndarray) -> float:
    """Mean tau-b of columns in a table (pairs, 2, candidates); NaN where all values are equal.

    ``scipy.stats.kendalltau`` gives the same numbers, and a p-value each time: a bootstrap of a
    whole report would take ten times as long.
    """
    orders = np.sign(table[..., :, None] - table[..., None, :])
    agreement = (orders[:, 0] * orders[:, 1]).sum(axis=(1, 2))
    untied = np.abs(orders).sum(axis=(2, 3)).prod(axis=1)
    with np.errstate(invalid="ignore"):
        return float(np.mean(agreement / np.sqrt(untied))) if len(untied) else np.nan
