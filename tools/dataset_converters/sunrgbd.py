"""Convert the official SUN RGB-D folders to the folder layout of mmaux.

python tools/dataset_converters/sunrgbd.py SUNRGBD --toolbox SUNRGBDtoolbox --classes 13 \
    --out data/sunrgbd
"""

import argparse
import os
import sys
import time

import cv2

from mmaux.datasets.conversion.sunrgbd import convert_sunrgbd
from mmaux.utils.converter_command import exit_status


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", help="unpacked SUNRGBD.zip: holds kv1, kv2, realsense, xtion")
    parser.add_argument("--out", required=True, help="folder of the converted data set")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--toolbox",
        help="unpacked SUNRGBDtoolbox.zip: holds Metadata (labels) and traintestSUNRGBD (the "
        "official 5285/5050 split)",
    )
    source.add_argument(
        "--no-toolbox",
        action="store_true",
        help="convert every frame below ROOT without labels, listed in splits/all.txt",
    )
    parser.add_argument("--classes", type=int, choices=(37, 13), default=37)
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
    summary = convert_sunrgbd(
        args.root, args.out, toolbox=args.toolbox, classes=args.classes, workers=args.workers
    )
    splits = ", ".join(f"{count} {name}" for name, count in summary.splits.items())
    print(
        f"{summary.frames} frames in {summary.folder} ({splits}); "
        f"{summary.frames - summary.skipped} converted now, {summary.skipped} done before, "
        f"{time.perf_counter() - start:.0f} s."
    )
    dataset = "mmaux.SUNRGBDDataset" + ("13" if args.classes == 13 else "")
    unlabelled = ", allow_missing=('semseg',)" if args.no_toolbox else ""
    print(
        f"Use it with type='{dataset}', data_root='{summary.folder}', "
        f"ann_file='splits/{next(iter(summary.splits))}.txt'{unlabelled}; look at it with "
        "tools/check_data.py CONFIG."
    )


if __name__ == "__main__":
    sys.exit(exit_status(main))
