"""Memory of the process while it trains and evaluates: is it flat?

python tools/benchmarks/memory_growth.py [CONFIG] [--steps 2000] [--images 500] [--size 64x96]

The real Runner trains a config on small rendered rooms, in a temporary folder, with the config's
own hooks and checkpoints, and evaluates it at the end with its own evaluators. Read is the resident
memory of the process and its loader workers; reported is its slope after warm-up, the first quarter
of the readings (Theil-Sen, with a 95 % confidence interval).
"""

import argparse
import sys
import tempfile
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.benchmarking.input_size import with_training_size
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.memory_growth import MemoryGrowth, MemoryReadingHook, measure_growth
from mmaux.benchmarking.rendered_rooms import rendered_rooms
from mmaux.benchmarking.report import BenchmarkReport, add_report_arguments, finish
from mmaux.datasets.conversion.rooms import parse_size
from mmaux.utils.config_file import read_config

CONFIG = Path(__file__).resolve().parents[2] / "configs" / "auxi_all_mbv2_rooms.py"
TRAIN_IMAGES = 32
CHECKPOINTS = 40
"""Saved on the way: ten in the warm-up, since the first few fill the allocator's pools."""


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "config",
        nargs="?",
        default=CONFIG,
        help="a config of rooms (auxi_all_mbv2_rooms.py)",
    )
    parser.add_argument("--steps", type=int, default=2000, help="training steps (%(default)s)")
    parser.add_argument("--images", type=int, default=500, help="evaluated images (%(default)s)")
    parser.add_argument("--size", default="64x96", help="HEIGHTxWIDTH in pixels (%(default)s)")
    parser.add_argument("--batch-size", type=int, default=2, help="(%(default)s)")
    parser.add_argument("--workers", type=int, default=0, help="loader workers (%(default)s)")
    parser.add_argument(
        "--interval", type=int, default=20, help="steps between readings (%(default)s)"
    )
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of the config"
    )
    add_report_arguments(parser)
    return parser.parse_args()


def small_config(args: argparse.Namespace, *, root: str, work_dir: str) -> Config:
    """The config on small data, shortened, with many checkpoints on the way."""
    config = with_training_size(read_config(args.config), parse_size(args.size))
    for name in ("train_dataloader", "val_dataloader"):
        loader = config[name]
        loader.dataset.data_root = root
        loader.num_workers = args.workers
        loader.persistent_workers = args.workers > 0
    config.train_dataloader.batch_size = args.batch_size
    config.train_cfg.max_iters = args.steps
    config.train_cfg.val_interval = args.steps
    config.default_hooks.checkpoint.interval = max(args.steps // CHECKPOINTS, 1)
    config.work_dir = work_dir
    config.model.backbone.init_cfg = None
    if args.cfg_options is not None:
        config.merge_from_dict(args.cfg_options)
    return config


def rows_of(growth: MemoryGrowth) -> dict[str, str | float]:
    """For people: MiB."""
    slope, low, high = (1000 * v / 2**20 for v in (growth.slope, growth.low, growth.high))
    return {
        "slope, MiB per 1,000 steps": f"{slope:.3f} (95 %: {low:.3f} to {high:.3f})",
        "steps after warm-up": growth.steps,
        "first reading after warm-up, MiB": growth.first / 2**20,
        "last reading, MiB": growth.last / 2**20,
        "largest reading after warm-up, MiB": growth.largest / 2**20,
    }


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Train and evaluate, reading memory."""
    machine = describe_machine()
    hook = MemoryReadingHook(args.interval)
    with (
        rendered_rooms(size=parse_size(args.size), train=TRAIN_IMAGES, test=args.images) as root,
        tempfile.TemporaryDirectory() as work_dir,
    ):
        runner = Runner.from_cfg(small_config(args, root=root, work_dir=work_dir))
        runner.register_hook(hook)
        runner.train()
    growth = {
        "training": measure_growth(hook.training),
        "evaluation, a step is an image": measure_growth(hook.evaluation),
    }
    return BenchmarkReport(
        name="memory_growth",
        machine=machine,
        settings={
            "config": Path(args.config).stem,
            "steps": args.steps,
            "images": args.images,
            "size": args.size,
            "batch size": args.batch_size,
            "workers": args.workers,
            "interval": args.interval,
        },
        details={name: rows_of(value) for name, value in growth.items()},
        readings={
            "training (step, bytes)": hook.training,
            "evaluation (image, bytes)": hook.evaluation,
        },
    )


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        finish(measure(args), out=args.out)
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
