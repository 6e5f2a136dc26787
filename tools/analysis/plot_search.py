"""Draw what searches found: rewards, operations over time, ranks, the best architectures.

python tools/analysis/plot_search.py work_dirs/auxi_search_mbv2_rooms --out plots

WORK_DIR is a folder of tools/search.py, of a search that is still running too. Prints how often
skip connections were proposed in the first and in the last third.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import mmaux  # noqa: F401
from mmaux.search.analysis.architecture_drawing import draw_architecture
from mmaux.search.analysis.operation_shares import share_change
from mmaux.search.analysis.rank_stability import rank_stability
from mmaux.search.analysis.search_plots import draw_operations, draw_ranks, draw_rewards
from mmaux.search.analysis.search_record import SearchRecord
from mmaux.search.found_architecture import ranked
from mmaux.search.work_folder import read_searches
from mmaux.utils.files import ensure_writable_dir


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work_dirs", nargs="+", type=Path, metavar="WORK_DIR")
    parser.add_argument("--out", type=Path, help="folder of the pictures (the first WORK_DIR)")
    parser.add_argument("--window", type=int, default=20, help="candidates a mean (%(default)s)")
    parser.add_argument("--best", type=int, default=3, help="architectures to draw (%(default)s)")
    args = parser.parse_args()
    if args.window < 1:
        parser.error(f"--window is {args.window}; expected 1 or more")
    return args


def name_folders(folders: list[Path]) -> dict[Path, str]:
    """The name of each folder, or its path as given where names repeat."""
    counts = Counter(folder.name for folder in dict.fromkeys(folders))
    return {folder: folder.name if counts[folder.name] == 1 else str(folder) for folder in folders}


def read_records(folders: list[Path]) -> dict[str, SearchRecord]:
    """Searches by label: the strategy, with its folder where there are several."""
    records = {}
    names = name_folders(folders)
    for folder, name in names.items():
        for strategy, storage in read_searches(folder).items():
            label = strategy if len(names) == 1 else f"{name}: {strategy}"
            records[label] = SearchRecord.of(storage)
            storage.close()
    return records


def print_findings(label: str, record: SearchRecord) -> None:
    """What the pictures show, in numbers."""
    print(f"{label}: {len(record.evaluated)} evaluated, {len(record.proposals)} proposals")
    change = share_change(record.proposals, "skip")
    if change is not None:
        interval = "" if change.low is None else f", 95 % [{change.low:+.3f}, {change.high:+.3f}]"
        print(
            f"  skip connections: {change.first:.3f} of branches in the first third, "
            f"{change.second:.3f} in the last: {change.difference:+.3f}{interval}"
        )
    for found in rank_stability(record.evaluated):
        print(
            f"  Kendall's tau of the rewards at iteration {found.iteration} with the last: "
            f"{found.tau:+.2f} ({found.count} candidates, p = {found.p_value:.2g})"
        )


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        records = read_records(args.work_dirs)
        out = ensure_writable_dir(args.out or args.work_dirs[0])
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    files = [out / "rewards.png", out / "operations.png"]
    draw_rewards(records, files[0], window=args.window)
    draw_operations(records, files[1], window=args.window)
    if draw_ranks(records, out / "ranks.png"):
        files.append(out / "ranks.png")
    for label, record in records.items():
        print_findings(label, record)
        for place, candidate in enumerate(ranked(record.evaluated)[: args.best], start=1):
            name = label.replace(": ", "_").replace("/", "_")
            files.append(out / f"best_{name}_{place}.png")
            title = f"{label}, candidate {candidate.number}, reward {candidate.reward:.4f}"
            draw_architecture(candidate.architecture, files[-1], title=title)
    print(f"wrote {', '.join(map(str, files))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
