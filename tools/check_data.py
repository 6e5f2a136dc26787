"""Check the data of a config: files, ranges, classes, normals, and what the pipeline makes of them.

python tools/check_data.py configs/auxi_all_mbv2_nyud.py

Ends with one line per problem and the file; exit status 0 without problems, 1 with, 2 if the
config cannot be used.
"""

import argparse
import random
import sys
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import DictAction
from rich.console import Console

import mmaux  # noqa: F401  (before a config is read: makes mmaux:: known)
from mmaux.datasets.inspection import inspect_config
from mmaux.datasets.inspection.config_inspection import unique
from mmaux.datasets.inspection.data_report import print_tables, problem_lines, summary_line
from mmaux.utils.config_file import read_config
from mmaux.utils.files import ensure_writable_dir


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", help="config file")
    parser.add_argument("--split", choices=("train", "val", "test", "all"), default="all")
    parser.add_argument(
        "--max-samples", type=int, help="look at that many samples a split, spread evenly over it"
    )
    parser.add_argument(
        "--num-panels", type=int, default=4, help="samples to draw a split (%(default)s)"
    )
    parser.add_argument("--out", help="folder of the panels (work_dirs/check_data/CONFIG)")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=DictAction,
        help="override settings of the config, key=value",
    )
    return parser.parse_args()


def main() -> int:
    """Check, report, and list the problems."""
    args = parse_args()
    cv2.setNumThreads(0)
    random.seed(0)
    np.random.seed(0)
    try:
        cfg = read_config(args.config)
        cfg.merge_from_dict(args.cfg_options or {})
        out = ensure_writable_dir(
            args.out or Path("work_dirs", "check_data", Path(cfg.filename).stem)
        )
        splits, leaks = inspect_config(
            cfg,
            config_name=args.config,
            split=args.split,
            max_samples=args.max_samples,
            num_panels=args.num_panels,
            panel_dir=out,
        )
    except (ValueError, TypeError, KeyError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    console, reports = Console(), []
    for report in splits:
        print_tables(report, console)
        reports.append(report)
    problems = unique([*(problem for report in reports for problem in report.problems), *leaks])
    full_list = out / "problems.txt"
    full_list.write_text("".join(f"{problem}\n" for problem in problems))
    print(f"{sum(r.num_panels for r in reports)} panels in {out}")
    for line in problem_lines(problems, full_list=str(full_list)):
        print(line)
    print(summary_line(len(problems), sum(report.num_samples for report in reports)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
