"""Render rooms, train a network without and one with an auxiliary module, test both, compare.

python tools/demo.py

Called again after an interruption it continues. Exit status 0, 1 if a network learnt too little,
2 if the demo cannot run.
"""

import argparse
import sys
import time

from mmengine.config import DictAction
from rich.console import Console

from mmaux.datasets.conversion.rooms import parse_size
from mmaux.experiments import RunFailedError
from mmaux.experiments.demo import DemoSettings, run_demo


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--out", default="work_dirs/demo", help="folder (%(default)s)")
    parser.add_argument("--train", type=int, default=480, help="training images (%(default)s)")
    parser.add_argument("--test", type=int, default=80, help="test images (%(default)s)")
    parser.add_argument("--size", default="240x320", help="HEIGHTxWIDTH in pixels (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of rooms and training (%(default)s)")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of both configs"
    )
    return parser.parse_args()


def main() -> int:
    """Run the demo, and say what came out."""
    args = parse_args()
    start = time.perf_counter()
    try:
        settings = DemoSettings(
            train=args.train,
            test=args.test,
            size=parse_size(args.size),
            seed=args.seed,
            overrides=args.cfg_options or {},
        )
        report, panel = run_demo(args.out, settings)
    except (ValueError, OSError, ImportError, RunFailedError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command continues where it stopped.", file=sys.stderr)
        return 130
    Console().print(report.table())
    training = ", ".join(f"{name} {s:.0f} s" for name, s in report.train_seconds.items())
    print(f"Training: {training}; this call took {(time.perf_counter() - start) / 60:.1f} minutes.")
    print("The tested auxi_all is the stripped one: its auxiliary module is gone.")
    print(f"Input, truth and both predictions of a few test images: {panel}")
    shortfalls = report.shortfalls()
    for line in shortfalls:
        print(f"too little was learnt: {line}")
    return 1 if shortfalls else 0


if __name__ == "__main__":
    sys.exit(main())
