"""Search the architectures of auxiliary modules (section 3 of Liu et al., 1909.02214).

python tools/search.py configs/search/auxi_search_mbv2_rooms.py --workers 4 --against-random

Writes to the work folder: everything about every candidate (SQLite), the best architecture (JSON,
for `auxiliary.architecture` of a config), TensorBoard scalars and a report. Interrupted or killed,
the same command goes on. See docs/search.md.
"""

import argparse
import shlex
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from mmengine.config import Config, DictAction
from rich.console import Console

import mmaux  # noqa: F401 (makes 'mmaux::' configs known)
from mmaux.search.analysis.search_report import write_report
from mmaux.search.search_loop import ReplayError
from mmaux.search.search_run import run_search
from mmaux.search.search_settings import CONTROLLERS, SearchSettings
from mmaux.search.work_folder import RANDOM
from mmaux.search.workers import EvaluatorError, make_pool
from mmaux.utils.config_file import read_config
from mmaux.utils.files import ensure_writable_dir


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path, help="config with a `search`")
    parser.add_argument("--work-dir", type=Path, help="(work_dirs/NAME OF THE CONFIG)")
    parser.add_argument(
        "--controller",
        choices=CONTROLLERS,
        help="another strategy than the config's, with its default options",
    )
    parser.add_argument("--candidates", type=int, help="how many to evaluate (the config's)")
    parser.add_argument(
        "--against-random",
        action="store_true",
        help="afterwards, a random search of as many candidates, for the report",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        help="candidates at a time, one a GPU in turn; 0: in this process, for debuggers "
        "(%(default)s)",
    )
    parser.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help="workers of a Ray cluster, 'auto' or host:port; 'local' starts one here",
    )
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    args = parser.parse_args()
    if args.workers < 0 or (args.workers == 0 and args.ray_address is not None):
        parser.error(f"--workers is {args.workers}; expected 1 or more (0 only without Ray)")
    return args


def planned_searches(args: argparse.Namespace, config: Config) -> list[SearchSettings]:
    """The searches that the command line asks for."""
    settings = SearchSettings.from_config(config)
    if args.candidates is not None:
        settings = replace(settings, candidates=args.candidates)
    if args.controller is not None and args.controller != settings.strategy:
        settings = replace(settings, controller={"type": CONTROLLERS[args.controller]})
    if args.against_random and settings.strategy != RANDOM:
        return [settings, replace(settings, controller={"type": CONTROLLERS[RANDOM]})]
    return [settings]


def main() -> int:
    """Run the command."""
    args = parse_args()
    console = Console(soft_wrap=True)
    command = shlex.join(["python", *sys.argv])
    try:
        config = read_config(args.config)
        if args.cfg_options is not None:
            config.merge_from_dict(args.cfg_options)
        searches = planned_searches(args, config)
        folder = ensure_writable_dir(
            args.work_dir or Path("work_dirs") / Path(config.filename).stem
        )
        pool = partial(make_pool, workers=args.workers, ray_address=args.ray_address)
        for settings in searches:
            run_search(settings, folder, make_workers=pool, command=command, console=console)
        report = write_report(folder)
    except (ValueError, OSError, ImportError, EvaluatorError, ReplayError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on.", file=sys.stderr)
        return 130
    console.print(report.read_text(encoding="utf-8"), markup=False, highlight=False)
    console.print(f"wrote {report}", markup=False, highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
