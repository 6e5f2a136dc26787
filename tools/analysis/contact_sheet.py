"""Draw samples of a config's data side by side: images above their targets, in one picture.

python tools/analysis/contact_sheet.py configs/joint_all_mbv2_rooms.py --out rooms.png
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import mmcv
from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope

import mmaux  # noqa: F401 (makes 'mmaux::' configs known)
from mmaux.registry import DATASETS
from mmaux.utils.config_file import read_config
from mmaux.utils.files import ensure_writable_dir
from mmaux.visualization import draw_contact_sheet, write_picture


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", help="config file")
    parser.add_argument("--out", required=True, type=Path, help="the picture, a PNG")
    parser.add_argument("--split", choices=("train", "val", "test"), default="test")
    parser.add_argument(
        "--samples", type=int, nargs="+", default=[0, 1, 2, 3, 4], help="their numbers (0 1 2 3 4)"
    )
    parser.add_argument("--cell-width", type=int, default=200, help="pixels (%(default)s)")
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    return parser.parse_args()


def build_dataset(config: Config, split: str) -> Any:
    """The data set of a split.

    Raises:
        ValueError: The config has none.
    """
    init_default_scope(config.get("default_scope", "mmaux"))
    dataset = (config.get(f"{split}_dataloader") or {}).get("dataset")
    if dataset is None:
        raise ValueError(
            f"'{config.filename}' has no data of the split {split!r}: {split}_dataloader.dataset "
            "is not set; give another --split or config."
        )
    return DATASETS.build(dataset)


def main() -> int:
    """Read, draw, write."""
    args = parse_args()
    try:
        config = read_config(args.config)
        config.merge_from_dict(args.cfg_options or {})
        dataset = build_dataset(config, args.split)
        if not all(0 <= index < len(dataset) for index in args.samples):
            raise ValueError(
                f"--samples: found {args.samples}, the split has the samples 0 to "
                f"{len(dataset) - 1}."
            )
        images, targets = [], []
        for index in args.samples:
            images.append(
                mmcv.imread(dataset.get_data_info(index)["img_path"], channel_order="rgb")
            )
            maps = dataset.load_targets(index)
            targets.append({k.removeprefix("gt_"): v.numpy() for k, v in maps.items()})
        sheet = draw_contact_sheet(
            images, targets, dataset_meta=dataset.metainfo, cell_width=args.cell_width
        )
        ensure_writable_dir(args.out.parent)
        write_picture(args.out, sheet)
    except (ValueError, OSError, KeyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{len(images)} samples in {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
