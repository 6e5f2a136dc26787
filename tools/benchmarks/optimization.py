"""Time and peak memory of a step under every method of optimisation, over the summed loss.

python tools/benchmarks/optimization.py [CONFIG ...] [--methods 'parameters/*' 'torchjd/*']

By default the auxiliary networks of three and of two tasks. All methods of a config step in this
process, each its own copy of the network on the same batch of noise, in interleaved rounds; peak
memory is that of a fresh process for each. Beside them: the cost that a count of passes predicts,
and the same network with torchjd driven by hand.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.fresh_process import run_in_fresh_process
from mmaux.benchmarking.input_size import training_size, with_training_size
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.optimization_variants import (
    BY_HAND,
    REFERENCE,
    SAME_BY_US,
    Variant,
    choose_variants,
    optimization_variants,
)
from mmaux.benchmarking.optimizer_state import reached_elements, state_elements
from mmaux.benchmarking.report import BenchmarkReport, add_report_arguments, finish
from mmaux.benchmarking.rounds import measure_in_rounds
from mmaux.benchmarking.timing import seconds_per_call
from mmaux.benchmarking.training_step import TrainingStep, peak_step_bytes
from mmaux.datasets.conversion.rooms import parse_size
from mmaux.utils.config_file import read_config
from mmaux.utils.progress import progress_bar

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
PAIR = (CONFIGS / "auxi_all_mbv2_rooms.py", CONFIGS / "auxi_both_mbv2_rooms.py")


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("configs", nargs="*", default=PAIR, metavar="CONFIG", help="of any T")
    parser.add_argument(
        "--methods", nargs="+", default=["*"], help="names or patterns with * (all)"
    )
    parser.add_argument("--batch-size", type=int, default=4, help="images a step (%(default)s)")
    parser.add_argument("--size", default="120x160", help="HEIGHTxWIDTH in pixels (%(default)s)")
    parser.add_argument(
        "--memory-rounds", type=int, default=1, help="processes for each; 0: none (%(default)s)"
    )
    parser.add_argument(
        "--last-shared-layer", default="backbone.layer7", help="for GradNorm (%(default)s)"
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="(%(default)s)",
    )
    add_report_arguments(parser, rounds=4)
    return parser.parse_args()


def measure_memory(
    args: argparse.Namespace, configs: Mapping[str, Config], variants: Mapping[str, Variant]
) -> dict[str, tuple[int, ...]]:
    """Peak memory of each variant, in bytes."""
    peaks = {
        name: partial(
            run_in_fresh_process,
            partial(peak_step_bytes, kind=variants[name].kind, steps=2),
            config.to_dict(),
            args.batch_size,
            args.device,
        )
        for name, config in configs.items()
    }
    with progress_bar("memory", total=args.memory_rounds * len(peaks)) as advance:
        return measure_in_rounds(peaks, rounds=args.memory_rounds, warmup=0, advance=advance)


def measure_time(
    args: argparse.Namespace, steps: Mapping[str, TrainingStep], variants: Mapping[str, Variant]
) -> dict[str, tuple[float, ...]]:
    """Seconds of a step of each variant."""
    timers = {
        name: partial(seconds_per_call, step, calls=variants[name].calls)
        for name, step in steps.items()
    }
    with progress_bar("time", total=(args.rounds + 1) * len(timers)) as advance:
        seconds = measure_in_rounds(timers, rounds=args.rounds, advance=advance)
    for step in steps.values():
        step.check_losses()
    return seconds


def compare_time(
    seconds: Mapping[str, tuple[float, ...]], variants: Mapping[str, Variant], *, label: str
) -> Iterable[Comparison]:
    """A comparison of each family with the summed loss, and of ours with torchjd by hand."""
    others = [variant for name, variant in variants.items() if name != REFERENCE]
    for family, members in groupby(others, key=lambda variant: variant.family):
        members = list(members)
        yield Comparison.of(
            {name: seconds[name] for name in (REFERENCE, *(m.name for m in members))},
            title=f"{label}: a step, {family}",
            unit="s",
            reference=REFERENCE,
            aim=members[0].aim,
            theory={m.name: m.theory for m in members},
        )
    for by_hand in BY_HAND:
        if {by_hand, SAME_BY_US} <= set(seconds):
            yield Comparison.of(
                {name: seconds[name] for name in (by_hand, SAME_BY_US)},
                title=f"{label}: a step, ours against torchjd by hand",
                unit="s",
                reference=by_hand,
                aim=1.0,
            )


def counted_state(steps: Mapping[str, TrainingStep]) -> dict[str, Any]:
    """Numbers that the alternations keep, beside the count for one moment of each parameter."""
    reached = reached_elements(steps[REFERENCE])
    network = sum(p.numel() for p in steps[REFERENCE].model.parameters())
    rows = {
        "one moment of each parameter, M": network / 1e6,
        "one moment of each task and parameter that it reaches, M": sum(reached.values()) / 1e6,
    }
    for name, step in steps.items():
        if name.startswith(("alternation", REFERENCE)):
            rows[f"{name}, M"] = state_elements(step.optim_wrapper) / 1e6
    return rows


def measure_config(
    args: argparse.Namespace, path: str | Path
) -> tuple[str, list[Comparison], dict[str, Any]]:
    """Measure the methods on one config's network."""
    base = with_training_size(read_config(path), parse_size(args.size))
    tasks = [task for task, head in base.model.heads.items() if head is not None]
    label = f"{Path(path).stem}, T = {len(tasks)}"
    variants = optimization_variants(len(tasks), last_shared_layer=args.last_shared_layer)
    variants = choose_variants(variants, args.methods)
    configs = {name: variant.config(base) for name, variant in variants.items()}
    steps = {
        name: variants[name].kind(config, batch_size=args.batch_size, device=args.device)
        for name, config in configs.items()
    }
    seconds = measure_time(args, steps, variants)
    comparisons = list(compare_time(seconds, variants, label=label))
    details = {f"{label}: numbers that the optimizer keeps": counted_state(steps)}
    if args.memory_rounds:
        comparisons.append(
            Comparison.of(
                measure_memory(args, configs, variants),
                title=f"{label}: peak memory",
                unit="MiB",
                reference=REFERENCE,
                scale=2**-20,
            )
        )
    return "x".join(map(str, training_size(base))), comparisons, details


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Measure time and memory."""
    machine = describe_machine()
    comparisons: list[Comparison] = []
    details: dict[str, Any] = {}
    for path in args.configs:
        size, found, kept = measure_config(args, path)
        comparisons += found
        details |= kept
    return BenchmarkReport(
        name="optimization",
        machine=machine,
        settings={
            "batch size": args.batch_size,
            "size": size,
            "device": args.device,
            "rounds": args.rounds,
            "warm-up rounds": 1,
            "memory rounds": args.memory_rounds,
        },
        comparisons=comparisons,
        details=details,
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
