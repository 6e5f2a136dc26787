"""How much the tasks of a trained network conflict, layer by layer, and what that suggests.

python tools/analysis/conflicts.py CONFIG CHECKPOINT [--batches N] [--out table.md picture.png]

On batches of the training data: the norm of each task's gradient (main and auxiliary losses) in
shared layers, the cosine between each two tasks' gradients, and the share of batches in which it is
negative. Nothing is trained.
"""

import argparse
import sys
from pathlib import Path

import torch
from mmengine.config import DictAction
from rich.console import Console

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.conflicts import advise, measure_conflicts, shared_layers
from mmaux.conflicts.advice import CAVEAT
from mmaux.conflicts.report import conflict_markdown, conflict_table, draw_conflicts
from mmaux.conflicts.training_setup import load_training_model, training_batches
from mmaux.utils.config_file import read_config
from mmaux.utils.files import atomic_write, ensure_writable_dir
from mmaux.utils.progress import progress_bar
from mmaux.visualization import write_picture

_FILE_WIDTH = 160


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", type=Path, help="config of the training")
    parser.add_argument("checkpoint", type=Path, help="a checkpoint of it, not stripped")
    parser.add_argument(
        "--layers", nargs="+", help="modules of the network (the backbone's stages and the neck)"
    )
    parser.add_argument("--batches", type=int, default=32, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of data and dropout (%(default)s)")
    parser.add_argument(
        "--out", nargs="+", type=Path, default=[], help="files: .md for the table, .png to draw it"
    )
    parser.add_argument(
        "--device",
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="where to compute (%(default)s)",
    )
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    args = parser.parse_args()
    for path in args.out:
        if path.suffix not in (".md", ".png"):
            parser.error(f"--out: found {str(path)!r}, expected a name in .md or .png")
    return args


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        for path in args.out:
            ensure_writable_dir(path.parent)
        config = read_config(args.config)
        if args.cfg_options is not None:
            config.merge_from_dict(args.cfg_options)
        model = load_training_model(config, args.checkpoint).to(args.device)
        names = args.layers or shared_layers(model)
        batches = training_batches(config, count=args.batches, seed=args.seed)
        torch.manual_seed(args.seed)
        with progress_bar("batches", total=args.batches) as advance:
            layers = measure_conflicts(model, batches, names, advance=advance)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    advice = advise(layers)
    console = Console()
    console = console if console.is_terminal else Console(width=_FILE_WIDTH)
    console.print(conflict_table(layers))
    for entry in advice:
        print(f"- {entry.text}")
    print(CAVEAT)
    heading = (
        f"Conflicts in {Path(config.filename).stem}, {args.checkpoint.name}, {args.batches} batches"
    )
    for path in args.out:
        if path.suffix == ".md":
            with atomic_write(path, "w") as file:
                file.write(conflict_markdown(layers, advice, heading=heading))
        else:
            write_picture(path, draw_conflicts(layers, heading=heading))
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
