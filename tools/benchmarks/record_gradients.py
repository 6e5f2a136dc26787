"""Time of a training step that GradientRecordHook records, over one that it does not.

python tools/benchmarks/record_gradients.py [CONFIG] [--interval 50] [--layers NAME ...]

One network, one batch of noise, interleaved rounds: a plain step, a step on which the hook only
waits, and a step that it records. What the hook adds to training is the excess of a recorded step
spread over the interval.
"""

import argparse
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.input_size import training_size
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.quartiles import Quartiles
from mmaux.benchmarking.report import BenchmarkReport, add_report_arguments, finish
from mmaux.benchmarking.rounds import measure_in_rounds
from mmaux.benchmarking.timing import seconds_per_call
from mmaux.benchmarking.training_step import TrainingStep
from mmaux.engine.hooks import GradientRecordHook
from mmaux.utils.config_file import read_config
from mmaux.utils.progress import progress_bar

CONFIG = Path(__file__).resolve().parents[2] / "configs" / "auxi_all_mbv2_rooms.py"
LAYERS = ("backbone.layer1", "backbone.layer4", "backbone.layer6")
AIM = 0.03


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("config", nargs="?", default=CONFIG, help="training config")
    parser.add_argument("--interval", type=int, default=50, help="of the hook (%(default)s)")
    parser.add_argument("--layers", nargs="+", default=LAYERS, help="(%(default)s)")
    parser.add_argument("--batch-size", type=int, help="images a step; by default the config's")
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="(%(default)s)",
    )
    add_report_arguments(parser, rounds=15)
    return parser.parse_args()


class HookedStep:
    """A step with the hook around it, as in a train loop.

    Args:
        step: The step.
        hook: The hook.
        iteration: The number of iterations before the step, always.
    """

    def __init__(self, step: TrainingStep, hook: GradientRecordHook, *, iteration: int) -> None:
        self.step = step
        self.hook = hook
        self.written = 0
        self.runner: Any = SimpleNamespace(
            model=step.model, optim_wrapper=step.optim_wrapper, visualizer=self, iter=iteration
        )
        hook.before_train(self.runner)

    def __call__(self) -> None:
        """Train on the batch once."""
        self.hook.before_train_iter(self.runner, 0)
        self.step()
        self.hook.after_train_iter(self.runner, 0)

    def add_scalars(self, scalars: dict[str, float], *, step: int) -> None:
        """Count what the hook gives to the visualizer."""
        self.written += len(scalars)


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Measure the three kinds of step."""
    if args.interval < 2:
        raise ValueError(f"--interval is at least 2, found {args.interval}.")
    machine = describe_machine()
    config = read_config(args.config)
    batch_size = args.batch_size or config.train_dataloader.batch_size
    step = TrainingStep(config, batch_size=batch_size, device=args.device)
    hook = GradientRecordHook(layers=args.layers, interval=args.interval)
    recorded = HookedStep(step, hook, iteration=args.interval - 1)
    kinds = {
        "plain": step,
        "hook waiting": HookedStep(step, hook, iteration=0),
        "recorded": recorded,
    }
    timers = {name: partial(seconds_per_call, kind, calls=1) for name, kind in kinds.items()}
    with progress_bar("time", total=(args.rounds + 1) * len(kinds)) as advance:
        seconds = measure_in_rounds(timers, rounds=args.rounds, advance=advance)
    step.check_losses()
    added = [
        (slow - fast) / fast / args.interval
        for slow, fast in zip(seconds["recorded"], seconds["plain"], strict=True)
    ]
    return BenchmarkReport(
        name="record_gradients",
        machine=machine,
        settings={
            "config": Path(config.filename).stem,
            "layers": ", ".join(args.layers),
            "interval": args.interval,
            "batch size": batch_size,
            "size": "x".join(map(str, training_size(config))),
            "device": args.device,
            "rounds": args.rounds,
        },
        comparisons=[
            Comparison.of(
                seconds,
                title="a step",
                unit="s",
                reference="plain",
                aim=1 + AIM * args.interval,
            )
        ],
        details={
            "over all steps": {
                f"added by the hook, % (aim {100 * AIM:.0f})": Quartiles.of(added).scaled(100),
                "values a record": recorded.written // (args.rounds + 1),
            }
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
