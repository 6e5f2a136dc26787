"""Draw scalars of several trainings over the iterations, as figure 5 does for losses and gradients.

python tools/analysis/plot_curves.py joint=RUN auxi=RUN --scalars 'depth.loss_*' --out curves.png

RUN is a run's folder of tools/experiments.py or the work folder of any training. Mean gradients of
shared layers are there if the training had a hook that records them.
"""

import argparse
import sys
from pathlib import Path

from mmaux.experiments.curve_plot import choose_scalars, draw_curves
from mmaux.experiments.scalars import Series, read_curves
from mmaux.utils.files import ensure_writable_dir
from mmaux.visualization import write_picture


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("runs", nargs="+", metavar="NAME=FOLDER", help="trainings to draw")
    parser.add_argument(
        "--scalars", nargs="+", default=["loss"], help="names or patterns with * (loss)"
    )
    parser.add_argument("--out", type=Path, default=Path("curves.png"), help="(%(default)s)")
    parser.add_argument(
        "--smooth", type=float, default=0.0, help="iterations to average over (%(default)s)"
    )
    parser.add_argument("--log", action="store_true", help="logarithmic values")
    return parser.parse_args()


def read_runs(words: list[str]) -> dict[str, dict[str, Series]]:
    """Scalars of the arguments' runs, by name.

    Raises:
        ValueError: An argument has another form, repeats a name, or its folder has no scalars.
    """
    runs: dict[str, dict[str, Series]] = {}
    for word in words:
        name, given, folder = word.partition("=")
        if not given:
            raise ValueError(f"runs: found {word!r}, expected NAME=FOLDER.")
        if name in runs:
            raise ValueError(f"runs: found the name {name!r} twice; give each run its own.")
        runs[name] = read_curves(folder)
    return runs


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        runs = read_runs(args.runs)
        names = choose_scalars(runs, args.scalars)
        picture = draw_curves(runs, names, smoothing=args.smooth, logarithmic=args.log)
        ensure_writable_dir(args.out.parent)
        write_picture(args.out, picture)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {args.out}: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
