"""Time and peak memory of a training step under each multi-task method, over the summed loss.

python tools/benchmarks/optimization.py [--tasks 2 3] [--batch-size 4] [--methods NAME ...]

The auxiliary network for rooms with two and with three tasks, one batch of noise, interleaved
rounds in this process; memory in a fresh process for each method. Beside the methods the same model
is driven by torchjd by hand (torchjd.autojac.backward on the shared parameters).
"""

import argparse
import sys
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.fresh_process import run_in_fresh_process
from mmaux.benchmarking.input_size import training_size, with_training_size
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.report import BenchmarkReport, add_report_arguments, finish
from mmaux.benchmarking.rounds import measure_in_rounds
from mmaux.benchmarking.timing import seconds_per_call
from mmaux.benchmarking.torchjd_step import TorchjdStep
from mmaux.benchmarking.training_step import TrainingStep, peak_step_bytes
from mmaux.datasets.conversion.rooms import parse_size
from mmaux.utils.progress import progress_bar

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
NETWORKS = {2: CONFIGS / "auxi_both_mbv2_rooms.py", 3: CONFIGS / "auxi_all_mbv2_rooms.py"}
REFERENCE = "sum"
BY_HAND = "torchjd by hand, MGDA"


def _aggregation(aggregator: Any, **options: Any) -> dict[str, Any]:
    return {"type": "mmaux.Aggregation", "aggregator": aggregator, **options}


def _scalarization(scalarizer: Any) -> dict[str, Any]:
    return {"type": "mmaux.Scalarization", "scalarizer": scalarizer}


METHODS: dict[str, dict[str, Any]] = {
    REFERENCE: _scalarization("Sum"),
    "DWA": _scalarization("DWA"),
    "Random": _scalarization("Random"),
    "GeometricMean": _scalarization("GeometricMean"),
    "UW": _scalarization("UW"),
    "IMTLL": _scalarization("IMTLL"),
    "FAMO": _scalarization("FAMO"),
    "STCH": _scalarization({"type": "STCH", "mu": 0.1}),
    "GradNorm": {"type": "mmaux.GradNorm", "layers": ["backbone.layer7"]},
    "MGDA": _aggregation("MGDA"),
    "PCGrad": _aggregation("PCGrad"),
    "CAGrad": _aggregation({"type": "CAGrad", "c": 0.4}),
    "GradDrop": _aggregation("GradDrop"),
    "IMTLG": _aggregation("IMTLG"),
    "NashMTL": _aggregation("NashMTL"),
    "AlignedMTL": _aggregation("AlignedMTL"),
    "FairGrad": _aggregation({"type": "FairGrad", "alpha": 1.0}),
    "UPGrad": _aggregation("UPGrad"),
    "MGDA, features": _aggregation("MGDA", level="features"),
    "UPGrad, features": _aggregation("UPGrad", level="features"),
    "alternation": {"type": "mmaux.Alternation"},
    "alternation, per task": {"type": "mmaux.Alternation", "state": "per_task"},
    "alternation, G = 2": {"type": "mmaux.Alternation", "groups": 2},
    "alternation, G = 2, per task": {"type": "mmaux.Alternation", "groups": 2, "state": "per_task"},
}


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tasks", type=int, nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--batch-size", type=int, default=4, help="images a step (%(default)s)")
    parser.add_argument("--size", default="120x160", help="HEIGHTxWIDTH (%(default)s)")
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, metavar="NAME", help=", ".join(METHODS)
    )
    parser.add_argument(
        "--memory-rounds", type=int, default=1, help="processes for each method (%(default)s)"
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="(%(default)s)",
    )
    add_report_arguments(parser, rounds=7)
    return parser.parse_args()


def config_of(tasks: int, size: str, method: dict[str, Any]) -> Config:
    """The network's config with AdamW under a method."""
    config = with_training_size(Config.fromfile(NETWORKS[tasks]), parse_size(size))
    config.optim_wrapper = {
        "type": "mmaux.MultiTaskOptimWrapper",
        "optimizer": {"type": "mmengine.AdamW", "lr": 1e-5},
        "method": method,
    }
    return config


def compare(tasks: int, names: list[str], args: argparse.Namespace) -> list[Comparison]:
    """Time and memory with so many tasks."""
    configs = {name: config_of(tasks, args.size, METHODS[name]) for name in names}
    steps: dict[str, TrainingStep] = {
        name: TrainingStep(config, batch_size=args.batch_size, device=args.device)
        for name, config in configs.items()
    }
    steps[BY_HAND] = TorchjdStep(
        configs[REFERENCE], aggregator="MGDA", batch_size=args.batch_size, device=args.device
    )
    timers = {name: partial(seconds_per_call, step, calls=1) for name, step in steps.items()}
    with progress_bar(f"time, {tasks} tasks", total=(args.rounds + 1) * len(timers)) as advance:
        seconds = measure_in_rounds(timers, rounds=args.rounds, advance=advance)
    for step in steps.values():
        step.check_losses()
    memory = {
        name: partial(
            run_in_fresh_process, peak_step_bytes, c.to_dict(), args.batch_size, args.device
        )
        for name, c in configs.items()
    }
    total = args.memory_rounds * len(memory)
    with progress_bar(f"memory, {tasks} tasks", total=total) as advance:
        peaks = measure_in_rounds(memory, rounds=args.memory_rounds, warmup=0, advance=advance)
    return [
        Comparison.of(seconds, title=f"a step, {tasks} tasks", unit="s", reference=REFERENCE),
        Comparison.of(
            peaks,
            title=f"peak memory, {tasks} tasks",
            unit="MiB",
            reference=REFERENCE,
            scale=2**-20,
        ),
    ]


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Measure time and memory of all methods."""
    machine = describe_machine()
    names = [REFERENCE, *(n for n in args.methods or METHODS if n != REFERENCE)]
    comparisons = [c for tasks in args.tasks for c in compare(tasks, names, args)]
    sizes = {"x".join(map(str, training_size(config_of(t, args.size, {})))) for t in args.tasks}
    return BenchmarkReport(
        name="optimization",
        machine=machine,
        settings={
            "networks": ", ".join(NETWORKS[tasks].stem for tasks in args.tasks),
            "batch size": args.batch_size,
            "size": ", ".join(sizes),
            "optimizer": "AdamW",
            "device": args.device,
            "rounds": f"{args.rounds} after one of warm-up",
            "memory rounds": args.memory_rounds,
        },
        comparisons=comparisons,
    )


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        finish(measure(args), out=args.out)
    except (ValueError, OSError, ImportError, RuntimeError, BrokenProcessPool) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
