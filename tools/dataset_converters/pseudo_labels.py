"""Label a folder of images with any mmseg or mmaux network, in the folder layout of mmaux.

python tools/dataset_converters/pseudo_labels.py CONFIG CHECKPOINT --out data/nyudexp
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from mmengine.config import DictAction

import mmaux  # noqa: F401  (before a config is read: makes mmaux:: known)
from mmaux.apis.pseudo_labels import write_pseudo_labels
from mmaux.utils.config_file import read_config
from mmaux.utils.converter_command import exit_status


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", help="config of the network")
    parser.add_argument("checkpoint", help="its weights")
    parser.add_argument("--out", required=True, help="folder of the data set: OUT/label is written")
    parser.add_argument("--images", help="folder of images (OUT/image)")
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.5,
        help="pixels whose class is less probable become 255, ignored in training (%(default)s)",
    )
    parser.add_argument("--batch-size", type=int, default=8, help="(%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes that read (%(default)s)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=DictAction,
        help="override settings of the config, key=value",
    )
    return parser.parse_args()


def main() -> None:
    """Label, and say what came out."""
    args = parse_args()
    start = time.perf_counter()
    config = read_config(args.config)
    config.merge_from_dict(args.cfg_options or {})
    summary = write_pseudo_labels(
        config,
        args.checkpoint,
        images=args.images or Path(args.out, "image"),
        out=args.out,
        threshold=args.threshold,
        batch_size=args.batch_size,
        workers=args.workers,
        device=args.device,
    )
    kept = f" ({100 * summary.kept:.1f}% of their pixels)" if summary.labelled else ""
    print(
        f"{summary.labelled} images labelled now{kept}, {summary.skipped} done before, in "
        f"{summary.folder / 'label'}, {time.perf_counter() - start:.0f} s."
    )


if __name__ == "__main__":
    sys.exit(exit_status(main))
