"""Measure how well a search's cheap evaluation ranks architectures: Kendall's tau against cost.

python tools/analysis/rank_correlation.py configs/search/auxi_search_mbv2_rooms.py

Random architectures are evaluated as the search would, in the other ways that the config's
rank_study names, and twice at length under two seeds, whose agreement is the ceiling. Every
evaluation is on the disk once it is done: the same command goes on after a kill, and with a
larger number of architectures it adds what is missing.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

from mmengine.config import DictAction
from rich.console import Console

import mmaux  # noqa: F401 (makes 'mmaux::' configs known)
from mmaux.search.rank_records import RankRecords
from mmaux.search.rank_report import rank_rows, rank_table
from mmaux.search.rank_study import RankStudy
from mmaux.search.workers import EvaluatorError, make_pool
from mmaux.utils.config_file import read_config
from mmaux.utils.progress import progress_bar

_FILE_WIDTH = 120


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path, help="config of a search")
    parser.add_argument("--architectures", type=int, default=20, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the architectures (%(default)s)")
    parser.add_argument(
        "--out",
        type=Path,
        help="file of the evaluations (work_dirs/<name of the config>/rank_study.jsonl)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        help="evaluations at a time, one a GPU in turn; 0: in this process (%(default)s)",
    )
    parser.add_argument("--ray-address", metavar="ADDRESS", help="workers of a Ray cluster")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    args = parser.parse_args()
    if args.workers < 0 or (args.workers == 0 and args.ray_address is not None):
        parser.error(f"--workers is {args.workers}; expected 1 or more (0 only without Ray)")
    return args


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        config = read_config(args.config)
        if args.cfg_options is not None:
            config.merge_from_dict(args.cfg_options)
        study = RankStudy.from_config(
            config.to_dict(), architectures=args.architectures, seed=args.seed
        )
        out = args.out or Path("work_dirs", Path(config.filename).stem, "rank_study.jsonl")
        records = RankRecords(out)
        if missing := study.missing(records):
            with progress_bar("evaluating", total=len(missing)) as advance:
                pool = partial(make_pool, workers=args.workers, ray_address=args.ray_address)
                study.run(records, make_workers=pool, on_evaluation=advance)
    except (ValueError, OSError, ImportError, EvaluatorError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    console = Console()
    console = console if console.is_terminal else Console(width=_FILE_WIDTH)
    console.print(rank_table(rank_rows(study, records)))
    print(f"evaluations: {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
