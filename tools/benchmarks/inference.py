"""Time of inference: the stripped network over the joint one, and bit-equality.

python tools/benchmarks/inference.py [--batch-size 1] [--size 240x320]

The auxiliary config's network is stripped by ``mmaux.deploy.remove_auxiliary``, written, read
again, and its weights are loaded into the joint config's network. Predictions of all three must be
equal to the bit. Timed is ``test_step`` without gradients: preprocessing, network, predictions at
the image's size; on noise, in interleaved rounds.
"""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path
from pickle import UnpicklingError

import torch
from mmengine.config import Config

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.inference_networks import build_inference_networks
from mmaux.benchmarking.input_size import training_size, with_training_size
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.report import BenchmarkReport, add_report_arguments, finish
from mmaux.benchmarking.rounds import measure_in_rounds
from mmaux.benchmarking.synthetic_batch import synthetic_batch
from mmaux.benchmarking.timing import seconds_per_call
from mmaux.datasets.conversion.rooms import parse_size
from mmaux.utils.progress import progress_bar

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
AIM = 1.0


def parse_args() -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "config",
        nargs="?",
        default=CONFIGS / "auxi_all_mbv2_rooms.py",
        help="config with an auxiliary module (auxi_all_mbv2_rooms.py)",
    )
    parser.add_argument(
        "joint",
        nargs="?",
        default=CONFIGS / "joint_all_mbv2_rooms.py",
        help="the same without one (joint_all_mbv2_rooms.py)",
    )
    parser.add_argument("--checkpoint", help="weights of config; initial ones by default")
    parser.add_argument("--batch-size", type=int, default=1, help="images a call (%(default)s)")
    parser.add_argument("--size", help="HEIGHTxWIDTH in pixels; by default the config's")
    parser.add_argument("--calls", type=int, default=5, help="calls a measurement (%(default)s)")
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="(%(default)s)",
    )
    add_report_arguments(parser, rounds=20)
    return parser.parse_args()


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Prove equality, then measure time."""
    machine = describe_machine()
    configs = [Config.fromfile(path) for path in (args.config, args.joint)]
    if args.size is not None:
        configs = [with_training_size(config, parse_size(args.size)) for config in configs]
    size = training_size(configs[0])
    with tempfile.TemporaryDirectory() as folder:
        networks = build_inference_networks(
            *configs, folder=Path(folder), checkpoint=args.checkpoint, device=args.device
        )
    batch = synthetic_batch(networks.joint, batch_size=args.batch_size, size=size)
    timers = {
        name: partial(seconds_per_call, partial(model.test_step, batch), calls=args.calls)
        for name, model in (
            ("joint", networks.joint),
            ("stripped", networks.stripped),
            ("trained, not stripped", networks.trained),
        )
    }
    with (
        torch.no_grad(),
        progress_bar("time", total=(args.rounds + 1) * len(timers)) as advance,
    ):
        seconds = measure_in_rounds(timers, rounds=args.rounds, advance=advance)
    removal = networks.removal
    return BenchmarkReport(
        name="inference",
        machine=machine,
        settings={
            "batch size": args.batch_size,
            "device": args.device,
            "size": f"{size[0]}x{size[1]}",
            "rounds": args.rounds,
            "calls a round": args.calls,
        },
        comparisons=[
            Comparison.of(seconds, title="a call", unit="ms", reference="joint", scale=1e3, aim=AIM)
        ],
        details={
            "networks": {
                "parameters in training, M": removal.before.parameters / 1e6,
                "parameters stripped, M": removal.after.parameters / 1e6,
                "operations of an image in training, G": removal.before.flops / 1e9,
                "operations of an image stripped, G": removal.after.flops / 1e9,
                "bit-equal, all three": ", ".join(removal.fields),
            }
        },
    )


def main() -> int:
    """Run the command."""
    args = parse_args()
    try:
        finish(measure(args), out=args.out)
    except (ValueError, OSError, ImportError, RuntimeError, UnpicklingError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
