"""Pictures of searches side by side."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmaux.models.auxiliary.architecture import ADAPTORS
from mmaux.search.found_architecture import ranked
from mmaux.utils.files import atomic_write

from .operation_shares import adaptor_shares
from .search_record import SearchRecord, moving_mean

_COLORS = ("#c44e52", "#4c72b0", "#55a868", "#8172b3", "#dd8452", "#937860")
_RANDOM_COLOR = "#8c8c8c"
_SHOWN = 10


def draw_rewards(records: Mapping[str, SearchRecord], file: Path, *, window: int) -> None:
    """Reward over evaluated candidates: each (points), mean of a window, and best so far.

    Args:
        records: Searches by label; those by random search are grey.
        file: PNG file to write.
        window: Candidates that a mean is taken over.
    """
    figure = Figure(figsize=(10.4, 3.9), dpi=120, layout="constrained")
    means, bests = figure.subplots(1, 2, sharex=True)
    colors = iter(_COLORS * len(records))
    for label, record in records.items():
        color = _RANDOM_COLOR if record.strategy == "random" else next(colors)
        steps = range(1, len(record.rewards) + 1)
        means.scatter(steps, record.rewards, color=color, s=7, alpha=0.35, linewidths=0)
        means.plot(steps, moving_mean(record.rewards, window), color=color, label=label)
        bests.step(steps, record.best_so_far, where="post", color=color, label=label)
    means.set_title(f"reward, mean of the last {window} (failures are 0)", fontsize=10)
    bests.set_title("best so far", fontsize=10)
    for axes in (means, bests):
        axes.set_xlabel("evaluated candidates")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    _write(figure, file)


def draw_operations(records: Mapping[str, SearchRecord], file: Path, *, window: int) -> None:
    """Share of each adaptor among the branches of live cells, over the proposals."""
    figure = Figure(figsize=(5.2 * len(records), 3.9), dpi=120, layout="constrained")
    grid = figure.subplots(1, len(records), sharey=True, squeeze=False)[0]
    for axes, (label, record) in zip(grid, records.items(), strict=True):
        shares = [adaptor_shares(c.architecture) for c in record.proposals]
        for color, name in zip((*_COLORS, "black"), ADAPTORS, strict=True):
            values = [share[name] for share in shares]
            if any(values):
                width = 2.4 if name == "skip" else 1.2
                line = moving_mean(values, window)
                axes.plot(range(1, len(line) + 1), line, color=color, lw=width, label=name)
        axes.set_title(f"{label}: share of adaptors, mean of the last {window}", fontsize=10)
        axes.set_xlabel("proposals")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    handles, names = grid[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), fontsize=8)
    _write(figure, file)


def draw_ranks(records: Mapping[str, SearchRecord], file: Path) -> bool:
    """Ranks of the finally best candidates at each iteration of their curves.

    Returns:
        Whether any candidate was measured more than once; otherwise nothing is written.
    """
    panels = {label: _ranks(record) for label, record in records.items()}
    panels = {label: found for label, found in panels.items() if len(found[0]) > 1}
    if not panels:
        return False
    figure = Figure(figsize=(5.2 * len(panels), 3.9), dpi=120, layout="constrained")
    grid = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (label, (steps, ranks, numbers, count)) in zip(grid, panels.items(), strict=True):
        for index, (line, number) in enumerate(zip(ranks, numbers, strict=True)):
            color = _COLORS[index % len(_COLORS)]
            axes.plot(steps, line, "o-", color=color, ms=4, lw=1.2)
            axes.annotate(
                f"#{number}",
                (steps[-1], line[-1]),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
                color=color,
            )
        axes.set_title(f"{label}: ranks of the best {len(ranks)} of {count}", fontsize=10)
        axes.set_xlabel("iteration")
        axes.set_xticks(steps)
        axes.margins(x=0.09)
        axes.set_ylabel("rank among those measured to the end")
        axes.set_yscale("log")
        ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if tick <= count]
        axes.set_yticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
        axes.invert_yaxis()
        axes.grid(alpha=0.3)
    _write(figure, file)
    return True


def _ranks(record: SearchRecord) -> tuple[list[int], np.ndarray, list[int], int]:
    """Iterations, ranks (candidates, iterations), the candidates' numbers, how many are ranked."""
    whole = [c for c in ranked(record.evaluated) if c.curve]
    longest = max((len(c.curve) for c in whole), default=0)
    whole = [c for c in whole if len(c.curve) == longest]
    if not whole:
        return [], np.zeros((0, 0)), [], 0
    rewards = np.array([[reward for _, reward in c.curve] for c in whole])
    ranks = (rewards[None] > rewards[:, None]).sum(1) + 1
    steps = [step for step, _ in whole[0].curve]
    return steps, ranks[:_SHOWN], [c.number for c in whole[:_SHOWN]], len(whole)


def _write(figure: Figure, file: Path) -> None:
    with atomic_write(file) as stream:
        FigureCanvasAgg(figure).print_png(stream)
