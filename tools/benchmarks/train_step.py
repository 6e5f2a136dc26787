"""Time and peak memory of a training step, of several configs against the first.

python tools/benchmarks/train_step.py [CONFIG ...] [--batch-size 8] [--size 240x320]

By default the auxiliary network over the joint one. A step is the model's own ``train_step``:
preprocessing, forward, backward and optimizer, on one batch of noise. Time: all networks in this
process, in interleaved rounds. Memory: a fresh process for each network and round; on the CPU the
growth of the process's peak resident memory since before the network was built, on a GPU the peak
of PyTorch's allocator.
"""

import argparse
import sys
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import torch
from mmengine.config import Config, DictAction

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.fresh_process import run_in_fresh_process
from mmaux.benchmarking.input_size import training_size, with_training_size
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.report import BenchmarkReport, add_report_arguments, finish
from mmaux.benchmarking.rounds import measure_in_rounds
from mmaux.benchmarking.timing import seconds_per_call
from mmaux.benchmarking.training_step import TrainingStep, peak_step_bytes
from mmaux.datasets.conversion.rooms import parse_size
from mmaux.utils.config_file import read_config
from mmaux.utils.progress import progress_bar

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
PAIR = (CONFIGS / "joint_all_mbv2_rooms.py", CONFIGS / "auxi_all_mbv2_rooms.py")
AIM = 1.25


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "configs", nargs="*", default=PAIR, metavar="CONFIG", help="the first is the reference"
    )
    parser.add_argument("--batch-size", type=int, help="images a step; by default the config's")
    parser.add_argument("--size", help="HEIGHTxWIDTH in pixels; by default the config's")
    parser.add_argument("--steps", type=int, default=1, help="steps a measurement (%(default)s)")
    parser.add_argument(
        "--memory-rounds", type=int, default=3, help="processes for each network (%(default)s)"
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="(%(default)s)",
    )
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, help="override settings of all configs"
    )
    add_report_arguments(parser, rounds=15)
    return parser.parse_args()


def load_configs(args: argparse.Namespace) -> dict[str, Config]:
    """Configs by name, at the size that is asked for."""
    configs: dict[str, Config] = {}
    for path in args.configs:
        config = read_config(path)
        if args.cfg_options is not None:
            config.merge_from_dict(args.cfg_options)
        if args.size is not None:
            config = with_training_size(config, parse_size(args.size))
        if Path(path).stem in configs:
            raise ValueError(f"two configs are named {Path(path).stem!r}; rename one of them.")
        configs[Path(path).stem] = config
    if len(configs) < 2:
        raise ValueError("give two configs at least: a reference and what to compare with it.")
    return configs


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Measure time and memory."""
    machine = describe_machine()
    configs = load_configs(args)
    reference, config = next(iter(configs.items()))
    batch_size = args.batch_size or config.train_dataloader.batch_size
    memory = {
        name: partial(run_in_fresh_process, peak_step_bytes, c.to_dict(), batch_size, args.device)
        for name, c in configs.items()
    }
    with progress_bar("memory", total=args.memory_rounds * len(configs)) as advance:
        peaks = measure_in_rounds(memory, rounds=args.memory_rounds, warmup=0, advance=advance)
    steps = {
        name: TrainingStep(c, batch_size=batch_size, device=args.device)
        for name, c in configs.items()
    }
    timers = {name: partial(seconds_per_call, s, calls=args.steps) for name, s in steps.items()}
    with progress_bar("time", total=(args.rounds + 1) * len(configs)) as advance:
        seconds = measure_in_rounds(timers, rounds=args.rounds, advance=advance)
    for step in steps.values():
        step.check_losses()
    sizes = {name: "x".join(map(str, training_size(c))) for name, c in configs.items()}
    return BenchmarkReport(
        name="train_step",
        machine=machine,
        settings={
            "batch size": batch_size,
            "device": args.device,
            "size": ", ".join(dict.fromkeys(sizes.values())),
            "rounds": args.rounds,
            "steps a round": args.steps,
            "memory rounds": args.memory_rounds,
        },
        comparisons=[
            Comparison.of(seconds, title="a step", unit="s", reference=reference, aim=AIM),
            Comparison.of(
                peaks, title="peak memory", unit="MiB", reference=reference, scale=2**-20, aim=AIM
            ),
        ],
        details={
            "parameters in training, M": {
                name: sum(p.numel() for p in s.model.parameters()) / 1e6
                for name, s in steps.items()
            }
        },
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
