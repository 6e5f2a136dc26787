"""Run and compare what a table or figure of the paper compares.

python tools/experiments.py figure3 --data rooms --schedule short --seeds 0 1 2

Trains and tests what is missing, each run after the one it starts from, and writes tables (Markdown
and CSV) and scatter plots. Interrupted or killed, the same command goes on. Experiments
share the runs that they have in common. See docs/reproduce.md.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.experiments.comparison import compare
from mmaux.experiments.execution import run_plan
from mmaux.experiments.experiment import DATA
from mmaux.experiments.plan import compare_with, plan_runs, select_rows
from mmaux.experiments.progress_display import ProgressDisplay
from mmaux.experiments.report import write_report
from mmaux.experiments.rooms_folder import ensure_rooms
from mmaux.experiments.setting import SCHEDULES, Setting
from mmaux.experiments.tables import EXPERIMENTS
from mmaux.utils.shipped_content import CONFIGS


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("experiment", choices=EXPERIMENTS)
    parser.add_argument("--data", choices=DATA, help="data set (the paper's own by default)")
    parser.add_argument(
        "--schedule",
        choices=SCHEDULES,
        default="paper",
        help="paper: the configs' own; expansion: pre-training on NYUD-v2-expansion and "
        "fine-tuning, as the paper's tables 1 to 3; short, short_pretrained: minutes on a CPU "
        "(%(default)s)",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="(0)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("work_dirs/experiments"),
        help="folder of runs and reports (%(default)s)",
    )
    parser.add_argument("--rows", nargs="+", help="run and report some rows only, by strategy")
    parser.add_argument(
        "--against",
        metavar="ROW",
        help="row that the report takes differences from, by strategy (the joint training)",
    )
    parser.add_argument("--data-root", type=Path, help="folder of the data set")
    parser.add_argument(
        "--expansion-root", type=Path, help="folder of NYUD-v2-expansion (data/nyudexp)"
    )
    parser.add_argument(
        "--rooms",
        type=int,
        nargs=2,
        metavar=("TRAIN", "TEST"),
        default=(500, 100),
        help="images to render if --data rooms has no folder yet (500 100)",
    )
    parser.add_argument(
        "--configs", type=Path, default=CONFIGS, help="folder of configs of your own"
    )
    parser.add_argument(
        "--backbone-weights",
        metavar="FILE",
        help="weights that backbones start from (the configs' own by default; rooms have none)",
    )
    parser.add_argument("--workers", type=int, default=1, help="runs at a time (%(default)s)")
    parser.add_argument(
        "--report-only", action="store_true", help="report what is finished and run nothing"
    )
    args = parser.parse_args()
    if args.workers < 1:
        parser.error(f"--workers is {args.workers}; expected 1 or more")
    return args


def main() -> int:
    """Run the command."""
    args = parse_args()
    console = Console(soft_wrap=True)
    experiment = EXPERIMENTS[args.experiment]
    setting = Setting(
        data=args.data or experiment.paper_data or "rooms",
        schedule=args.schedule,
        seeds=tuple(dict.fromkeys(args.seeds)),
        out=args.out,
        data_root=args.data_root,
        configs=args.configs,
        expansion_root=args.expansion_root,
        backbone_weights=args.backbone_weights,
    )
    failures = []
    try:
        if args.rows:
            experiment = select_rows(experiment, args.rows)
        if args.against:
            experiment = compare_with(experiment, args.against)
        if not args.report_only:
            runs = plan_runs(experiment, setting)
            if setting.data == "rooms":
                ensure_rooms([run.config for run in runs], train=args.rooms[0], test=args.rooms[1])
            with ProgressDisplay(runs, console=console) as display:
                failures = run_plan(runs, display, workers=args.workers)
        files = write_report(compare(experiment, setting))
    except (ValueError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on.", file=sys.stderr)
        return 130
    console.print(files[0].read_text(encoding="utf-8"), markup=False, highlight=False)
    for file in files:
        console.print(f"wrote {file}", markup=False, highlight=False)
    for failure in failures:
        print(f"error: {failure.run.title}: {failure.message}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
