"""Convert the official NYU Depth v2 file to the folder layout of mmaux.

python tools/dataset_converters/nyud.py nyu_depth_v2_labeled.mat --out data/nyud
"""

import argparse
import os
import sys
import time

import cv2

from mmaux.datasets.conversion.nyud import convert_nyud
from mmaux.utils.converter_command import exit_status


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("mat", help="nyu_depth_v2_labeled.mat (MATLAB 7.3, 2.8 GB)")
    parser.add_argument("--out", required=True, help="folder of the converted data set")
    parser.add_argument(
        "--splits",
        help="frame ids, counted from 1: .mat with trainNdxs and testNdxs, or JSON with train and "
        "test; by default the official 795/654 split",
    )
    parser.add_argument("--classes", type=int, choices=(40, 13), default=40)
    parser.add_argument(
        "--workers",
        type=int,
        default=min(4, os.cpu_count() or 1),
        help="threads (%(default)s)",
    )
    return parser.parse_args()


def main() -> None:
    """Convert, and say what came out and how to use it."""
    args = parse_args()
    cv2.setNumThreads(1)  # the workers are the parallelism
    start = time.perf_counter()
    summary = convert_nyud(
        args.mat,
        args.out,
        splits=args.splits,
        classes=args.classes,
        workers=args.workers,
    )
    splits = ", ".join(f"{count} {name}" for name, count in summary.splits.items())
    print(
        f"{summary.frames} frames in {summary.folder} ({splits}); "
        f"{summary.frames - summary.skipped} converted now, {summary.skipped} done before, "
        f"{time.perf_counter() - start:.0f} s."
    )
    dataset = "mmaux.NYUv2Dataset" + ("13" if args.classes == 13 else "")
    print(
        f"Use it with type='{dataset}', data_root='{summary.folder}', "
        "ann_file='splits/train.txt'; look at it with tools/check_data.py CONFIG."
    )


if __name__ == "__main__":
    sys.exit(exit_status(main))
