"""Take the auxiliary module out of a config and a checkpoint.

python tools/model_converters/remove_auxiliary.py CONFIG CHECKPOINT --out DIR

Writes DIR/<config>.py and DIR/<checkpoint>.pth, rebuilds the network from them, and says done only
when its predictions on real images are bit-equal to those of the original.
"""

import argparse
import sys
from pickle import UnpicklingError

from mmengine.config import DictAction
from rich.console import Console
from rich.table import Table

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.deploy import Complexity, RemovalReport, remove_auxiliary
from mmaux.utils.config_file import read_config


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", help="config that the checkpoint was trained with")
    parser.add_argument("checkpoint", help="checkpoint file")
    parser.add_argument("--out", required=True, help="folder for the config and the checkpoint")
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


def print_report(report: RemovalReport) -> None:
    """Say what was found, and write the numbers as a table."""
    console = Console()
    if not report.had_auxiliary:
        console.print("The network has no auxiliary module; only the training state was left out.")
    if report.averaged:
        console.print("The checkpoint is an EMA hook's: its averaged weights were taken.")
    height, width = report.after.input_size
    table = Table(title=f"input {height} x {width}, one image")
    table.add_column("")
    table.add_column("training, with the auxiliary module" if report.had_auxiliary else "training")
    table.add_column("written")

    def row(name: str, show: str, scale: float) -> None:
        def value(complexity: Complexity) -> str:
            return f"{getattr(complexity, name) / scale:.3f} {show}"

        table.add_row(name, value(report.before), value(report.after))

    row("parameters", "M", 1e6)
    row("flops", "G", 1e9)
    console.print(table)
    console.print(
        f"Bit-equal on {len(report.images)} images: {', '.join(report.fields)}.", highlight=False
    )
    for file in (report.config, report.checkpoint):
        console.print(f"wrote {file}", highlight=False, soft_wrap=True)


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        config = read_config(args.config)
        if args.cfg_options is not None:
            config.merge_from_dict(args.cfg_options)
        report = remove_auxiliary(
            config,
            args.checkpoint,
            out_dir=args.out,
            images=args.images,
            num_images=args.num_images,
        )
    except (ValueError, OSError, RuntimeError, UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print_report(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
