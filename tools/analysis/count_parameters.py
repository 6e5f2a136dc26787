"""Print parameters and floating-point operations of networks, beside the paper's numbers.

python tools/analysis/count_parameters.py configs/joint_mbv2*_nyud.py

Table 1 of Liu et al. (1909.02214) counts what predicts; the auxiliary module counts in training
only. A multiply-add is two operations; the forward pass of one image is counted, at the size of
the config's training images or at --size.
"""

import argparse
import sys

from mmengine.config import DictAction
from rich.console import Console
from rich.progress import track
from rich.table import Table

import mmaux  # noqa: F401 (makes 'mmaux::' configs known)
from mmaux.deploy import NetworkSize, measure_network
from mmaux.utils.config_file import read_config

_FILE_WIDTH = 120


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("configs", nargs="+", metavar="config", help="configs of networks")
    parser.add_argument(
        "--size",
        nargs=2,
        type=int,
        metavar=("HEIGHT", "WIDTH"),
        help="image size in pixels; by default that of the config's training images",
    )
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of every config"
    )
    args = parser.parse_args()
    if args.size is not None and min(args.size) < 1:
        parser.error("--size is {} {}; expected 1 or more each".format(*args.size))
    return args


def print_sizes(sizes: list[NetworkSize]) -> None:
    """Write the numbers as a table, one row a config."""
    table = Table()
    table.add_column("config", no_wrap=True)
    for name in (
        "parameters at inference",
        "paper",
        "deviation",
        "parameters in training",
        "image",
        "FLOPs at inference",
        "FLOPs in training",
    ):
        table.add_column(name, justify="right", overflow="fold")
    for size in sizes:
        paper, deviation = size.paper_parameters, size.deviation
        table.add_row(
            size.name,
            f"{size.inference.parameters / 1e6:.3f} M",
            "" if paper is None else f"{paper / 1e6:.2f} M",
            "" if deviation is None else f"{deviation:+.2%}",
            f"{size.training.parameters / 1e6:.3f} M",
            "{} x {}".format(*size.inference.input_size),
            f"{size.inference.flops / 1e9:.2f} G",
            f"{size.training.flops / 1e9:.2f} G",
        )
    console = Console()
    (console if console.is_terminal else Console(width=_FILE_WIDTH)).print(table)


def main() -> int:
    """Run the command."""
    args = parse_args()
    sizes = []
    try:
        progress = Console(stderr=True)
        for file in track(args.configs, "measuring", console=progress, transient=True):
            config = read_config(file)
            if args.cfg_options is not None:
                config.merge_from_dict(args.cfg_options)
            sizes.append(measure_network(config, size=args.size and tuple(args.size)))
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print_sizes(sizes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
