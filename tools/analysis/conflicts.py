"""How much a trained network's tasks conflict in its shared layers, and what that suggests.

python tools/analysis/conflicts.py CONFIG CHECKPOINT [--batches 20] [--out conflicts.png]

Over batches of the training data: the gradient norm of each task's objective (main and auxiliary
losses) in each layer, the cosine between the tasks' gradients, and the share of batches in which it
is negative. Nothing is trained. See docs/optimization.md.
"""

import argparse
import sys
from pathlib import Path

import torch
from mmengine.config import Config, DictAction
from rich.console import Console
from rich.table import Table

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.conflicts import LayerConflicts, advise, measure_conflicts
from mmaux.conflicts.picture import draw_conflicts
from mmaux.utils.files import ensure_writable_dir
from mmaux.utils.progress import progress_bar


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", help="training config")
    parser.add_argument("checkpoint", help="its trained network, not stripped")
    parser.add_argument("--batches", type=int, default=20, help="(%(default)s)")
    parser.add_argument("--layers", nargs="+", help="shared modules (backbone stages and neck)")
    parser.add_argument("--out", type=Path, help="draw a picture (PNG)")
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="(%(default)s)",
    )
    parser.add_argument("--cfg-options", nargs="+", action=DictAction, help="override settings")
    return parser.parse_args()


def table_of(layers: list[LayerConflicts]) -> Table:
    """A row for each layer."""
    table = Table()
    table.add_column("layer")
    for task in layers[0].norms:
        table.add_column(f"norm of {task}", justify="right")
    pairs = list(dict.fromkeys(pair.tasks for layer in layers for pair in layer.pairs))
    for tasks in pairs:
        table.add_column(f"cosine {' - '.join(tasks)} (95 %), opposed", justify="right")
    for layer in layers:
        cells = {}
        for pair in layer.pairs:
            interval = "" if pair.low is None else f" ({pair.low:+.2f} to {pair.high:+.2f})"
            cells[pair.tasks] = f"{pair.cosine:+.2f}{interval}, {100 * pair.opposed:.0f} %"
        norms = [f"{norm:.3g}" for norm in layer.norms.values()]
        table.add_row(layer.name, *norms, *(cells.get(tasks, "-") for tasks in pairs))
    return table


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        config = Config.fromfile(args.config)
        if args.cfg_options is not None:
            config.merge_from_dict(args.cfg_options)
        if args.out is not None:
            ensure_writable_dir(args.out.parent)
        with progress_bar("batches", total=args.batches) as advance:
            layers = measure_conflicts(
                config,
                args.checkpoint,
                batches=args.batches,
                layers=args.layers,
                device=args.device,
                on_batch=advance,
            )
        if args.out is not None:
            draw_conflicts(layers, args.out)
    except (ValueError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table_of(layers))
    print("\n".join(advise(layers)))
    print("These are rules of thumb (docs/optimization.md); only training tells.")
    if args.out is not None:
        print(f"wrote {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
