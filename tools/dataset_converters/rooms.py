"""Render indoor scenes with exact labels, depth and normals: a data set without a download.

python tools/dataset_converters/rooms.py --out data/rooms --train 500 --test 100 --seed 0

With --add-scenes it gives a folder of before the scenes what it lacks, and renders nothing.
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
    parser.add_argument("--train", type=int, help="number of training images")
    parser.add_argument("--test", type=int, help="number of test images")
    parser.add_argument("--seed", type=int, default=0, help="(%(default)s)")
    parser.add_argument("--size", default="240x320", help="HEIGHTxWIDTH in pixels (%(default)s)")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)"
    )
    parser.add_argument(
        "--add-scenes",
        action="store_true",
        help="only write the scenes that the folder lacks, with its own seed and images",
    )
    args = parser.parse_args()
    given = [args.train is not None, args.test is not None]
    if args.add_scenes and any(given):
        parser.error("--add-scenes takes the images from the folder: leave --train and --test out")
    if not args.add_scenes and not all(given):
        parser.error("the following arguments are required: --train, --test")
    return args


def start_importing() -> None:
    """Let the workers' server import mmaux while this process does, which takes both seconds."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        multiprocessing.set_forkserver_preload(["mmaux.datasets.conversion.rooms"])
        forkserver.ensure_running()


def main() -> int:
    """Render, and say what came out and how to use it."""
    args = parse_args()
    if args.workers > 1 and not args.add_scenes:
        start_importing()
    from mmaux.datasets.conversion.rooms import add_scenes, parse_size, render_rooms

    start = time.perf_counter()
    try:
        if args.add_scenes:
            summary = add_scenes(args.out)
        else:
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
        f"rendered now ({summary.rendered / seconds:.1f} images/s), {summary.skipped} done before"
        f"{f'; {summary.scenes} got their scene now' if summary.scenes else ''}."
    )
    print(
        f"Use it with type='mmaux.RoomsDataset', data_root='{summary.folder}', "
        "ann_file='splits/train.txt'; look at it with tools/check_data.py CONFIG."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
