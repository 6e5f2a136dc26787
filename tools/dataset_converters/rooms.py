"""Render indoor scenes with exact labels, depth and normals: a data set without a download.

python tools/dataset_converters/rooms.py --out data/rooms --train 500 --test 100 --seed 0
"""

import argparse
import multiprocessing
import os
import sys
import time
from multiprocessing import forkserver


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", required=True, help="folder of the data set")
    parser.add_argument("--train", type=int, required=True, help="number of training images")
    parser.add_argument("--test", type=int, required=True, help="number of test images")
    parser.add_argument("--seed", type=int, default=0, help="(%(default)s)")
    parser.add_argument("--size", default="240x320", help="HEIGHTxWIDTH in pixels (%(default)s)")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)"
    )
    return parser.parse_args()


def start_importing() -> None:
    """Let the workers' server import mmaux while this process does, which takes both seconds."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.set_forkserver_preload(["mmaux.datasets.conversion.rooms"])
        forkserver.ensure_running()


def main() -> int:
    """Render, and say what came out and how to use it."""
    args = parse_args()
    if args.workers > 1:
        start_importing()
    from mmaux.datasets.conversion.rooms import parse_size, render_rooms

    start = time.perf_counter()
    try:
        summary = render_rooms(
            args.out,
            train=args.train,
            test=args.test,
            seed=args.seed,
            size=parse_size(args.size),
            workers=args.workers,
        )
    except (ValueError, OSError, ImportError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command continues where it stopped.", file=sys.stderr)
        return 130
    seconds = time.perf_counter() - start
    print(
        f"{summary.rendered + summary.skipped} images in {summary.folder}; {summary.rendered} "
        f"rendered now ({summary.rendered / seconds:.1f} images/s), {summary.skipped} done before."
    )
    print(
        f"Use it with type='mmaux.RoomsDataset', data_root='{summary.folder}', "
        "ann_file='splits/train.txt'; look at it with tools/check_data.py CONFIG."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
