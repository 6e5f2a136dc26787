"""Time of a training sample: a config's targets over mmseg's image and one label map.

python tools/benchmarks/data_pipeline.py [CONFIG] [--data-root data/nyud] [--workers 0 1 2]

The config's training pipeline against mmseg's own, with the same settings, on the same files and
with the same random numbers; by default on rooms of 480x640, rendered for the purpose. Every
measurement starts a loader (fork, as in training), lets it run in, and takes samples from it;
rounds are interleaved. Files are in the page cache: decoding is measured, not the disk. A worker's
memory is what would be free if it ended (USS).
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from mmengine.dataset import BaseDataset
from mmengine.utils.dl_utils import set_multi_processing

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.loader_speed import LoaderRun, run_loader
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.pipelines import mmseg_dataset, multi_task_dataset
from mmaux.benchmarking.quartiles import Quartiles
from mmaux.benchmarking.rendered_rooms import rendered_rooms
from mmaux.benchmarking.report import BenchmarkReport, add_report_arguments, finish
from mmaux.benchmarking.rounds import measure_in_rounds
from mmaux.benchmarking.transform_times import time_target_files, time_transforms
from mmaux.datasets.conversion.rooms import parse_size
from mmaux.utils.config_file import read_config
from mmaux.utils.progress import progress_bar

CONFIG = Path(__file__).resolve().parents[2] / "configs" / "joint_all_mbv2_nyud.py"
AIM = 2.0
MMSEG = "mmseg"
OURS = "mmaux"


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "config",
        nargs="?",
        default=CONFIG,
        help="its targets and training pipeline are measured (joint_all_mbv2_nyud.py)",
    )
    parser.add_argument(
        "--data-root", help="a folder in the common layout; by default rooms are rendered"
    )
    parser.add_argument(
        "--render", default="480x640", help="HEIGHTxWIDTH of the rooms (%(default)s)"
    )
    parser.add_argument("--images", type=int, default=16, help="images to use (%(default)s)")
    parser.add_argument(
        "--workers", type=int, nargs="+", default=(0, 1, 2), help="loader workers (0 1 2)"
    )
    parser.add_argument("--batch-size", type=int, default=4, help="(%(default)s)")
    parser.add_argument(
        "--samples", type=int, default=64, help="samples a measurement (%(default)s)"
    )
    add_report_arguments(parser, rounds=10)
    return parser.parse_args()


def measure_loaders(
    datasets: dict[str, BaseDataset], args: argparse.Namespace, *, workers: int
) -> dict[str, tuple[LoaderRun, ...]]:
    """Runs of both data sets' loaders."""
    measurements = {
        name: partial(
            run_loader,
            dataset,
            workers=workers,
            batch_size=args.batch_size,
            samples=args.samples,
        )
        for name, dataset in datasets.items()
    }
    total = (args.rounds + 1) * len(datasets)
    with progress_bar(f"workers: {workers}", total=total) as advance:
        return measure_in_rounds(measurements, rounds=args.rounds, advance=advance)


def throughput(runs: dict[str, tuple[LoaderRun, ...]], *, workers: int) -> dict[str, Any]:
    """Rows of samples a second, of a worker too, and of a worker's memory."""
    rows: dict[str, Any] = {}
    for name, measured in runs.items():
        speed = Quartiles.of(1 / run.seconds for run in measured)
        rows[f"{name}, samples/s"] = speed
        if workers:
            rows[f"{name}, samples/s a worker"] = speed.scaled(1 / workers)
            own = Quartiles.of(run.worker_bytes for run in measured)
            rows[f"{name}, a worker's own memory, MiB"] = own.scaled(2**-20)
    return rows


def break_down(
    datasets: dict[str, BaseDataset], indices: Sequence[int], *, rounds: int
) -> dict[str, dict[str, Any]]:
    """Milliseconds of a sample in each transform, and of reading each target's file."""
    ours = datasets[OURS]
    measurements = {
        f"{OURS}, ms of a sample by transform": partial(time_transforms, ours, indices),
        f"{OURS}, ms of reading a target's file": partial(time_target_files, ours, indices),
        f"{MMSEG}, ms of a sample by transform": partial(time_transforms, datasets[MMSEG], indices),
    }
    rounds_of = measure_in_rounds(measurements, rounds=rounds)
    return {
        title: {name: Quartiles.of(row[name] for row in rows).scaled(1e3) for name in rows[0]}
        for title, rows in rounds_of.items()
    }


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Measure loaders and transforms."""
    machine = describe_machine()
    config = read_config(args.config)
    set_multi_processing(**config.get("env_cfg", {}).get("mp_cfg", {}))
    data = (
        nullcontext(args.data_root)
        if args.data_root
        else rendered_rooms(size=parse_size(args.render), train=args.images, test=0)
    )
    with data as root:
        datasets = {MMSEG: mmseg_dataset(config, root), OURS: multi_task_dataset(config, root)}
        images = min(args.images, *map(len, datasets.values()))
        for dataset in datasets.values():
            dataset.get_subset_(list(range(images)))
        comparisons, details = [], {}
        for workers in args.workers:
            runs = measure_loaders(datasets, args, workers=workers)
            seconds = {name: [run.seconds for run in runs[name]] for name in runs}
            comparisons.append(
                Comparison.of(
                    seconds,
                    title=f"a sample (workers: {workers})",
                    unit="ms",
                    reference=MMSEG,
                    scale=1e3,
                    aim=AIM,
                )
            )
            details[f"throughput (workers: {workers})"] = throughput(runs, workers=workers)
        details |= break_down(datasets, range(images), rounds=args.rounds)
        targets = ", ".join(datasets[OURS].targets)
    return BenchmarkReport(
        name="data_pipeline",
        machine=machine,
        settings={
            "config": Path(config.filename).stem,
            "data": args.data_root or f"rooms {args.render}",
            "targets": targets,
            "images": images,
            "batch size": args.batch_size,
            "rounds": args.rounds,
            "samples a round": args.samples,
        },
        comparisons=comparisons,
        details=details,
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
