"""Draw scalars of several trainings over the iterations, as figure 5 does for losses and gradients.

python tools/analysis/plot_curves.py joint=RUN auxi=RUN --scalars 'depth.loss_*' --out curves.png

RUN is a run's folder of tools/experiments.py or the work folder of any training. Mean gradients of
shared layers are there if the training had a hook that records them.
"""

import argparse
import sys
from pathlib import Path

import mmcv

from mmaux.experiments.curve_plot import choose_scalars, draw_curves
from mmaux.experiments.scalars import read_curves
from mmaux.utils.files import ensure_writable_dir


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


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        runs = {}
        for word in args.runs:
            name, given, folder = word.partition("=")
            if not given:
                raise ValueError(f"runs: found {word!r}, expected NAME=FOLDER.")
            runs[name] = read_curves(folder)
        names = choose_scalars(runs, args.scalars)
        picture = draw_curves(runs, names, smoothing=args.smooth, logarithmic=args.log)
        ensure_writable_dir(args.out.parent)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    mmcv.imwrite(mmcv.rgb2bgr(picture), str(args.out))
    print(f"wrote {args.out}: {', '.join(names)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
