"""Report of the searches in a folder, always beside random search."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mmaux.experiments.report import markdown_table
from mmaux.experiments.run_environment import RunEnvironment, describe_environments
from mmaux.models.auxiliary.architecture import Cell
from mmaux.search.found_architecture import ranked
from mmaux.search.storage import SearchStorage
from mmaux.search.work_folder import RANDOM, read_searches
from mmaux.utils.files import atomic_write

from .mean_difference import MeanDifference
from .operation_shares import share_change
from .rank_stability import rank_stability
from .search_record import RandomComparison, SearchRecord, compare_with_random

_PAPER_CANDIDATES = 2000
_SHOWN = 5


def write_report(folder: Path) -> Path:
    """Write ``report.md``.

    Raises:
        StorageError: There is no search in the folder.
    """
    file = folder / "report.md"
    text = markdown(read_searches(folder))
    with atomic_write(file, "w") as stream:
        stream.write(text)
    return file


def markdown(searches: dict[str, SearchStorage]) -> str:
    """The whole report."""
    records = [SearchRecord.of(storage) for storage in searches.values()]
    first = next(iter(searches.values()))
    space, stopping = first.identity["space"], first.identity["early_stopping"]
    parts = [
        "# Search of auxiliary modules",
        f"Space: {space['num_inputs']} cells for each of {', '.join(space['tasks'])}. Evaluator: "
        f"`{first.identity['evaluator']['type']}`. Seed {first.identity['seed']}. Early stopping: "
        + (
            "none."
            if stopping is None
            else f"below the {stopping['quantile']:g} quantile, after "
            f"{stopping['min_candidates']} candidates."
        ),
        describe_environments(
            RunEnvironment.from_dict(entry)
            for storage in searches.values()
            for entry in storage.environments()
        ),
        "## Searches",
        markdown_table(_summary(records)),
        "Candidates an hour: those evaluated over the time that the search ran. "
        f"{_PAPER_CANDIDATES} is the paper's number (within one GPU day).",
        "## Against random search",
        *_comparisons(records),
        "## Skip connections",
        "Share of `skip` among the branches of live cells, mean over the first and the last third "
        "of the proposals [95 % interval of the difference, Welch]. The paper says that it falls "
        "as the controller learns; random search shows what no learning looks like.",
        markdown_table(_skips(records)),
        "## Rank stability",
        *_stability(records),
        "## Best architectures",
        markdown_table(_best(records)),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(records: Sequence[SearchRecord]) -> Iterator[list[str]]:
    yield [
        *("", "evaluated", "failed", "stopped early", "duplicates", "best", "mean"),
        *("evaluating (s)", "an hour", f"hours for {_PAPER_CANDIDATES}"),
    ]
    for record in records:
        count = len(record.evaluated)
        rate = 3600 * count / record.wall_seconds if count and record.wall_seconds else None
        yield [
            record.strategy,
            str(count),
            str(sum(c.status == "failed" for c in record.evaluated)),
            str(sum(c.stopped_early for c in record.evaluated)),
            str(sum(c.status == "duplicate" for c in record.proposals)),
            f"{max(record.rewards):.4f}" if count else "-",
            f"{sum(record.rewards) / count:.4f}" if count else "-",
            f"{record.seconds:.0f}",
            "-" if rate is None else f"{rate:.0f}",
            "-" if rate is None else f"{_PAPER_CANDIDATES / rate:.1f}",
        ]


def _comparisons(records: Sequence[SearchRecord]) -> Iterator[str]:
    chance = next((record for record in records if record.strategy == RANDOM), None)
    others = [record for record in records if record is not chance]
    if chance is None:
        yield (
            "**There is no random search yet.** Until there is, nothing says that this search was "
            "worth its cost: run the same command with `--against-random`."
        )
        return
    if not others:
        yield "This is a random search: there is no other to compare."
        return
    yield (
        "What a controller proposes late is the last third of its evaluated candidates: their mean "
        "reward less that of random search [95 % interval, Welch]. One search with one seed "
        "decides little about a best."
    )
    for record in others:
        comparison = compare_with_random(record, chance)
        if comparison is None:
            yield f"**{record.strategy}**: too few candidates in both to compare."
            continue
        yield _verdict(record.strategy, comparison)


def _verdict(strategy: str, found: RandomComparison) -> str:
    late = found.late
    mean = "does not differ clearly from"
    if late.excludes_zero:
        mean = "is better than" if late.difference > 0 else "is worse than"
    return "\n".join(
        (
            f"**{strategy}**, first {found.count} evaluated candidates of both:",
            "",
            f"- What it proposes late {mean} random search: {_change(late)}.",
            f"- Best: {found.best:.4f}, random search {found.random_best:.4f} "
            f"({_sign(found.best - found.random_best)}).",
            f"- Best within {found.seconds:.0f} s of evaluation: {found.best_in_time:.4f}, random "
            f"search {found.random_best_in_time:.4f} "
            f"({_sign(found.best_in_time - found.random_best_in_time)}).",
        )
    )


def _skips(records: Sequence[SearchRecord]) -> Iterator[list[str]]:
    yield ["", "first third", "last third", "change"]
    for record in records:
        found = share_change(record.proposals, "skip")
        if found is not None:
            yield [record.strategy, f"{found.first:.3f}", f"{found.second:.3f}", _change(found)]


def _stability(records: Sequence[SearchRecord]) -> Iterator[str]:
    rows = [
        [
            record.strategy,
            str(found.iteration),
            str(found.count),
            f"{found.tau:+.2f}",
            f"{found.p_value:.2g}",
        ]
        for record in records
        for found in rank_stability(record.evaluated)
    ]
    if not rows:
        yield "No candidate was measured more than once."
        return
    yield (
        "Kendall's tau between the rewards at an iteration and at the last, of candidates that "
        "reached the last."
    )
    yield markdown_table(iter([["", "iteration", "candidates", "tau", "p"], *rows]))


def _best(records: Sequence[SearchRecord]) -> Iterator[list[str]]:
    yield ["", "candidate", "reward", "live cells", "metrics"]
    for record in records:
        for candidate in ranked(record.evaluated)[:_SHOWN]:
            live = " ".join(
                f"{name} = {_cell(cell)}" for name, cell in candidate.architecture.live_cells()
            )
            metrics = ", ".join(f"{name} {value:.4g}" for name, value in candidate.metrics.items())
            reward = f"{candidate.reward:.4f}"
            yield [record.strategy, str(candidate.number), reward, f"`{live}`", metrics]


def _cell(cell: Cell) -> str:
    first, second = (f"{a}({n})" for a, n in zip(cell.adaptors, cell.inputs, strict=True))
    return f"{cell.aggregation}[{first}, {second}]"


def _change(found: MeanDifference) -> str:
    text = f"{found.difference:+.4f}"
    return text if found.low is None else f"{text} [{found.low:+.4f}, {found.high:+.4f}]"


def _sign(difference: float) -> str:
    return "equal" if difference == 0 else f"{difference:+.4f}"
