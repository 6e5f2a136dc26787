"""What a rank study found, as rows of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from rich.table import Table

from .rank_correlation import RankCorrelation, rank_correlation
from .rank_records import RankRecord, RankRecords
from .rank_study import RankStudy, Variant


@dataclass(frozen=True)
class RankRow:
    """How well one way to evaluate ranks.

    Attributes:
        name: Of the variant, ``ceiling`` for the long training against itself.
        iteration: Where its rewards were read.
        correlation: With the long training's final rewards.
        seconds: Median cost of an evaluation up to that iteration; in proportion to iterations
            where the training went on.
        failed: Evaluations that ended with an error.
    """

    name: str
    iteration: int
    correlation: RankCorrelation
    seconds: float
    failed: int


def rank_rows(study: RankStudy, records: RankRecords) -> list[RankRow]:
    """The ceiling, then every variant at every point of its curve.

    The long training is compared with itself across its two seeds, at its end (the ceiling) and,
    stopped at an earlier point, with the other seed's end.

    Args:
        study: The study.
        records: Its evaluations; architectures that lack one, or failed in one, are left out of
            the rows that need it.
    """
    first, second = (_of(study, records, study.long, seed) for seed in study.long.seeds)
    ends = _final(first), _final(second)
    both = [*first, *second]
    steps = _iterations(both)
    rows = [_row("ceiling", both, step, ends) for step in steps[-1:]]
    rows += [
        _row(study.long.name, both, i, (_at(first, i), ends[1]), (_at(second, i), ends[0]))
        for i in steps[-2::-1]
    ]
    for variant in study.cheap:
        found = _of(study, records, variant, variant.seeds[0])
        rows += [
            _row(variant.name, found, i, *((_at(found, i), end) for end in ends))
            for i in reversed(_iterations(found))
        ]
    return rows


def rank_table(rows: Sequence[RankRow]) -> Table:
    """The rows for a terminal."""
    table = Table()
    table.add_column("evaluation", no_wrap=True)
    for name in ("iteration", "Kendall tau", "95% interval", "of the ceiling", "candidates"):
        table.add_column(name, justify="right")
    table.add_column("failed", justify="right")
    table.add_column("seconds", justify="right")
    ceiling = next((row.correlation.tau for row in rows if row.name == "ceiling"), float("nan"))
    for row in rows:
        found = row.correlation
        table.add_row(
            row.name,
            str(row.iteration),
            f"{found.tau:.2f}",
            f"{found.low:.2f} to {found.high:.2f}",
            f"{found.tau / ceiling:.0%}" if ceiling > 0 else "",
            str(found.count),
            str(row.failed),
            f"{row.seconds:.1f}",
        )
    return table


Found = list[RankRecord | None]
Rewards = list[float | None]


def _of(study: RankStudy, records: RankRecords, variant: Variant, seed: int) -> Found:
    return [records.get(variant.settings, key, seed) for key in study.keys.values()]


def _iterations(found: Found) -> list[int]:
    return sorted({iteration for record in found if record for iteration, _ in record.curve})


def _at(found: Found, iteration: int) -> Rewards:
    return [dict(record.curve).get(iteration) if record else None for record in found]


def _final(found: Found) -> Rewards:
    return [record.curve[-1][1] if record and record.curve else None for record in found]


def _row(name: str, found: Found, iteration: int, *pairs: tuple[Rewards, Rewards]) -> RankRow:
    whole = [
        values
        for values in zip(*(column for pair in pairs for column in pair), strict=True)
        if None not in values
    ]
    columns = np.array(whole, dtype=float).reshape(-1, 2 * len(pairs)).T
    costs = [r.seconds * iteration / r.curve[-1][0] for r in found if r and r.seconds and r.curve]
    return RankRow(
        name=name,
        iteration=iteration,
        correlation=rank_correlation(*zip(columns[::2], columns[1::2], strict=True)),
        seconds=median(costs),
        failed=sum(record is not None and record.error is not None for record in found),
    )
