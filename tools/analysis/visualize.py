"""Draw what two or more networks predict for the same test images (figures 6 and 7).

python tools/analysis/visualize.py joint=RUN auxi=RUN --samples 0 1 2 --out panels.png

RUN is a finished run's folder of tools/experiments.py, or CONFIG,CHECKPOINT. For each sample,
columns are the image and its tasks, rows the truth and what each network predicts.
"""

import argparse
import sys
from pathlib import Path
from pickle import UnpicklingError

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.experiments import read_result
from mmaux.experiments.comparison_panel import NetworkFiles, draw_comparison
from mmaux.utils.files import ensure_writable_dir
from mmaux.visualization import write_picture


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "networks", nargs="+", metavar="NAME=RUN", help="run's folder, or CONFIG,CHECKPOINT"
    )
    parser.add_argument(
        "--samples", type=int, nargs="+", default=[0, 1, 2], help="numbers of test samples (0 1 2)"
    )
    parser.add_argument("--out", type=Path, default=Path("panels.png"), help="(%(default)s)")
    parser.add_argument(
        "--cell-size", type=int, default=256, help="width of an image in pixels (%(default)s)"
    )
    return parser.parse_args()


def read_network(word: str) -> tuple[str, NetworkFiles]:
    """Name and files of an argument.

    Raises:
        ValueError: It has another form, or the folder holds no finished run.
    """
    name, given, place = word.partition("=")
    if not given:
        raise ValueError(f"networks: found {word!r}, expected NAME=RUN or NAME=CONFIG,CHECKPOINT.")
    config, comma, checkpoint = place.partition(",")
    if comma:
        return name, (config, checkpoint)
    try:
        result = read_result(place)
    except ValueError as error:
        raise ValueError(
            f"{error} For any other training give {name}=CONFIG,CHECKPOINT."
        ) from error
    return name, (result.config, result.checkpoint)


def read_networks(words: list[str]) -> dict[str, NetworkFiles]:
    """Files of the arguments' networks, by name.

    Raises:
        ValueError: An argument repeats a name; see also :func:`read_network`.
    """
    networks: dict[str, NetworkFiles] = {}
    for name, files in map(read_network, words):
        if name in networks:
            raise ValueError(f"networks: found the name {name!r} twice; give each network its own.")
        networks[name] = files
    return networks


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        networks = read_networks(args.networks)
        picture = draw_comparison(networks, samples=args.samples, cell_size=args.cell_size)
        ensure_writable_dir(args.out.parent)
        write_picture(args.out, picture)
    except (ValueError, OSError, RuntimeError, UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
