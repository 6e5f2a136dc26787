"""Export the network that predicts to one file, and prove that it predicts the same.

python tools/deployment/export.py CONFIG CHECKPOINT --format onnx --out FILE

An auxiliary module that is still there is left out. The file appears only if its predictions agree
with PyTorch's (classes 99.9 %, 1e-3 m, 0.1 degree); otherwise the exit status is 1.
"""

import argparse
import sys
from pickle import UnpicklingError

from mmengine.config import DictAction
from rich.console import Console

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.deploy import FORMATS, ExportDisagreesError, ExportReport, export_network
from mmaux.utils.config_file import read_config


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", help="config that the checkpoint was trained with")
    parser.add_argument("checkpoint", help="checkpoint file")
    parser.add_argument("--format", required=True, choices=tuple(FORMATS), help="of the file")
    parser.add_argument("--out", required=True, help="the file to write")
    size = parser.add_mutually_exclusive_group()
    size.add_argument(
        "--size",
        type=int,
        nargs=2,
        metavar=("H", "W"),
        help="height and width of images; by default those of the first image compared",
    )
    size.add_argument("--dynamic", action="store_true", help="images may have any size")
    parser.add_argument(
        "--pre-and-postprocessing",
        action="store_true",
        help="inside the graph: uint8 RGB (N, H, W, 3) in; classes, metres, unit vectors out",
    )
    parser.add_argument("--fuse", action="store_true", help="fold batch norms into convolutions")
    parser.add_argument("--opset", type=int, help="version of ONNX's operators (18)")
    parser.add_argument(
        "--images",
        nargs="+",
        default=(),
        help="images to compare predictions on; by default the first of the test data",
    )
    parser.add_argument(
        "--num-images", type=int, default=4, help="images of the test data (%(default)s)"
    )
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    return parser.parse_args()


def print_report(report: ExportReport) -> None:
    """Say what was found, compared and written."""
    console = Console(highlight=False, soft_wrap=True)
    if report.had_training_parts:
        console.print("The network still had parts of training (auxiliary module): left out.")
    if report.fused:
        console.print(f"{report.fused} batch norms were folded into convolutions.")
    metadata = report.metadata
    size = "any size" if metadata.size is None else "{} x {}".format(*metadata.size)
    form = "uint8 RGB (N, H, W, 3)" if metadata.complete else "normalised float32 (N, 3, H, W)"
    console.print(f"Input {metadata.input_name}: {form}, {size}.")
    for output in metadata.outputs:
        unit = output.unit if metadata.complete else f"field of {output.channels} channels"
        console.print(f"Output {output.task}: {unit}.")
    if not metadata.classes:
        console.print("No names of classes are known; the file has none.")
    console.print(f"Compared with PyTorch on {report.images}.")
    for agreement in report.agreements:
        console.print(f"  {agreement}")
    console.print(f"wrote {report.file} ({report.num_bytes / 1e6:.1f} MB)")


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        config = read_config(args.config)
        if args.cfg_options is not None:
            config.merge_from_dict(args.cfg_options)
        report = export_network(
            config,
            args.checkpoint,
            out=args.out,
            file_format=args.format,
            size=None if args.size is None else tuple(args.size),
            dynamic=args.dynamic,
            complete=args.pre_and_postprocessing,
            fuse=args.fuse,
            opset=args.opset,
            images=args.images,
            num_images=args.num_images,
        )
    except ExportDisagreesError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (ValueError, OSError, ImportError, RuntimeError, UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print_report(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
