"""Predict images, folders, videos or a webcam with a trained or an exported network.

python tools/infer.py CONFIG CHECKPOINT INPUT ... --out DIR [--save panel png npz video]
python tools/infer.py NETWORK.onnx INPUT ... --out DIR
python tools/infer.py CONFIG CHECKPOINT 0 --show

INPUT is an image, a folder (with its subfolders), a video, or the number of a webcam. A file of a
folder that cannot be read is named, the rest goes on, and the exit status is 1.
"""

import argparse
import sys
from pathlib import Path
from pickle import UnpicklingError

from mmengine.config import DictAction

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.inference import (
    SAVE_KINDS,
    ImageSource,
    LiveView,
    MultiTaskInferencer,
    ResultWriter,
)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        usage="%(prog)s (CONFIG CHECKPOINT | EXPORTED) INPUT [INPUT ...] [options]",
    )
    parser.add_argument(
        "words",
        nargs="+",
        metavar="NETWORK ... INPUT ...",
        help="config and checkpoint, or an exported file; then what to predict",
    )
    parser.add_argument("--out", type=Path, default=Path("predictions"), help="(%(default)s)")
    parser.add_argument(
        "--save",
        nargs="+",
        choices=SAVE_KINDS,
        help="panel: pictures for people; png: the layout of a data set, scales in meta.json; npz: "
        "arrays; video: an mp4 of the panels of a video or webcam (panel; nothing with --show)",
    )
    parser.add_argument(
        "--show",
        action="store_true",
        help="show panels in a window; an image waits for a key, q or Esc ends",
    )
    parser.add_argument("--batch-size", type=int, default=1, help="images a pass (%(default)s)")
    parser.add_argument("--device", help="(cuda if there is a GPU)")
    parser.add_argument("--half", action="store_true", help="float16, or bfloat16 on a CPU")
    parser.add_argument("--tta", action="store_true", help="the config's test-time augmentation")
    parser.add_argument(
        "--window", nargs=2, type=int, metavar=("H", "W"), help="predict by sliding windows"
    )
    parser.add_argument(
        "--stride", nargs=2, type=int, metavar=("H", "W"), help="(two thirds of the window)"
    )
    parser.add_argument("--max-frames", type=int, help="stop a video or webcam after so many")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    args = parser.parse_args()
    if not args.words[0].endswith(".py") and any(word.endswith(".py") for word in args.words[1:]):
        parser.error(f"the config comes before the checkpoint; found {' '.join(args.words)}")
    of_network = 2 if args.words[0].endswith(".py") else 1
    args.network, args.inputs = args.words[:of_network], args.words[of_network:]
    if not args.inputs:
        parser.error(
            "expected CONFIG CHECKPOINT INPUT ..., or an exported file and INPUT ...; found "
            f"{' '.join(args.words)}"
        )
    return args


def main() -> int:
    """Run the command."""
    args = parse_args()
    kinds = args.save or ([] if args.show else ["panel"])
    try:
        inputs = [
            int(word) if word.isdecimal() and not Path(word).exists() else word
            for word in args.inputs
        ]
        source = ImageSource(inputs, max_frames=args.max_frames)
        view = LiveView() if args.show else None
        inferencer = MultiTaskInferencer(
            *args.network,
            device=args.device,
            half=args.half,
            tta=args.tta,
            window=args.window and tuple(args.window),
            stride=args.stride and tuple(args.stride),
            cfg_options=args.cfg_options,
        )
        meta = inferencer.dataset_meta
        writer = ResultWriter(args.out, kinds, dataset_meta=meta) if kinds else None
        predicted, failed = inferencer.write(source, writer, view=view, batch_size=args.batch_size)
    except (ValueError, OSError, ImportError, RuntimeError, UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            f"stopped; what was predicted is in {args.out}" if kinds else "stopped", file=sys.stderr
        )
        return 130
    for entry in failed:
        print(f"not read: {entry.message}", file=sys.stderr)
    where = f" into {args.out}" if kinds else ""
    print(f"predicted {predicted} of {predicted + len(failed)} images{where}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
