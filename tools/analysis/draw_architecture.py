"""Draw an auxiliary module's architecture, as figure 4 of Liu et al. (1909.02214).

python tools/analysis/draw_architecture.py work_dirs/auxi_search_mbv2_rooms/best_ppo.json
python tools/analysis/draw_architecture.py configs/auxi_both_mbv2_nyud.py --out both.png

Feature maps at the left, a row of cells for each task (two adaptors and + for the sum or ‖ for the
concatenation), auxiliary heads at the right. Cells that no head depends on are left out.
"""

import argparse
import sys
from pathlib import Path

import mmaux  # noqa: F401 (makes 'mmaux::' configs known)
from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture, parse_architecture
from mmaux.search.analysis.architecture_drawing import draw_architecture
from mmaux.utils.config_file import read_config
from mmaux.utils.files import ensure_writable_dir


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="JSON file, or config with auxiliary modules")
    parser.add_argument("--out", type=Path, help="PNG file (./NAME OF THE SOURCE.png)")
    parser.add_argument("--title", help="line above (the name of the source)")
    parser.add_argument("--dead", action="store_true", help="draw dead cells too, in grey")
    args = parser.parse_args()
    if args.out is not None and args.out.suffix.lower() != ".png":
        parser.error(f"--out: found {str(args.out)!r}, expected a name in .png")
    return args


def read_architecture(source: Path) -> AuxiliaryArchitecture:
    """The architecture of a JSON file or of a config's auxiliary modules.

    Raises:
        ValueError: There is none.
    """
    if source.suffix == ".json":
        return AuxiliaryArchitecture.from_json(source)
    model = read_config(source).get("model") or {}
    auxiliary = model.get("auxiliary") or {}
    if "taps" not in auxiliary:
        raise ValueError(
            f"'{source}' has no model.auxiliary with taps: expected a config with auxiliary "
            "modules, or a JSON file of an architecture."
        )
    return parse_architecture(
        auxiliary.get("architecture") or {},
        num_inputs=len(auxiliary["taps"]),
        tasks=tuple(name for name in model.heads if name != "_scope_"),
    )


def main() -> int:
    """Run the command."""
    args = parse_args()
    out = args.out or Path(f"{args.source.stem}.png")
    try:
        architecture = read_architecture(args.source)
        ensure_writable_dir(out.parent)
        title = args.title or args.source.stem
        draw_architecture(architecture, out, title=title, show_dead=args.dead)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"wrote {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
