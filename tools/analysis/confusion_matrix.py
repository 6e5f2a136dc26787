"""Which classes a network takes for which, over the test data.

python tools/analysis/confusion_matrix.py CONFIG CHECKPOINT --out confusion.png [--csv counts.csv]
"""

import argparse
import csv
import sys
from pathlib import Path
from pickle import UnpicklingError

import torch
from mmengine.config import DictAction

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.apis import init_model
from mmaux.apis.predicted_samples import build_test_data, predicted_samples
from mmaux.evaluation.confusion_matrix import ConfusionMatrix
from mmaux.utils.config_file import read_config
from mmaux.utils.files import atomic_write, ensure_writable_dir
from mmaux.utils.progress import progress_bar
from mmaux.visualization import write_picture


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", help="config of the network")
    parser.add_argument("checkpoint", help="its weights")
    parser.add_argument("--out", type=Path, default=Path("confusion.png"), help="(%(default)s)")
    parser.add_argument("--csv", type=Path, help="numbers of pixels, true classes by row")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    return parser.parse_args()


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        ensure_writable_dir(args.out.parent)
        config = read_config(args.config)
        config.merge_from_dict(args.cfg_options or {})
        dataset = build_test_data(config)
        network = init_model(config, args.checkpoint, device=args.device)
        classes = dataset.metainfo.get("classes")
        if not classes:
            raise ValueError(f"{args.config}: its test data name no classes.")
        matrix = ConfusionMatrix(classes)
        with progress_bar("images", total=len(dataset)) as advance:
            for sample in predicted_samples(network, dataset):
                if "gt_sem_seg" in sample and "pred_sem_seg" in sample:
                    matrix.add(sample.pred_sem_seg.data, sample.gt_sem_seg.data)
                advance()
        if not matrix.counts.any():
            raise ValueError("no test image has both labels and predicted classes.")
        if args.csv is not None:
            ensure_writable_dir(args.csv.parent)
            with atomic_write(args.csv, "w") as file:
                writer = csv.writer(file)
                writer.writerow(["true \\ predicted", *matrix.classes])
                rows = zip(matrix.classes, matrix.counts.tolist(), strict=True)
                writer.writerows([name, *counts] for name, counts in rows)
        write_picture(args.out, matrix.draw())
    except (ValueError, OSError, RuntimeError, UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
