"""Time and memory of inference: the stripped network, its forms, and one network for all tasks.

python tools/benchmarks/inference.py [--size 480x640] [--batch-sizes 1 8] [--forms eager 'fused*']

1. The auxiliary config's network is stripped by ``mmaux.deploy.remove_auxiliary``, written, read
   again, and its weights are loaded into the joint config's network. Predictions of all three must
   be equal to the bit. Timed is ``test_step``: preprocessing, network, predictions at the image's
   size.
2. The stripped network's graph alone, in every form that the hardware runs: each must compute what
   the eager one does.
3. That network over the single-task ones that do the same together.

All on noise, without gradients, in interleaved rounds; peak memory is that of a fresh process.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from pickle import UnpicklingError

import torch
from mmengine.config import Config
from torch import Tensor

import mmaux  # noqa: F401 (makes 'mmaux::' configs and checkpoints known)
from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.fresh_process import run_in_fresh_process
from mmaux.benchmarking.inference_forms import (
    EAGER,
    ONNX_RUNTIME,
    Form,
    Graph,
    build_forms,
    choose_forms,
    peak_inference_bytes,
    peak_onnx_bytes,
    settle_batch_norms,
    write_onnx,
)
from mmaux.benchmarking.inference_networks import InferenceNetworks, build_inference_networks
from mmaux.benchmarking.input_size import with_training_size
from mmaux.benchmarking.machine import describe_machine
from mmaux.benchmarking.report import BenchmarkReport, add_report_arguments, finish
from mmaux.benchmarking.rounds import measure_in_rounds
from mmaux.benchmarking.synthetic_batch import synthetic_batch
from mmaux.benchmarking.timing import seconds_per_call
from mmaux.benchmarking.training_step import build_network
from mmaux.datasets.conversion.rooms import parse_size
from mmaux.deploy import Complexity, inference_complexity
from mmaux.models import MultiTaskEncoderDecoder
from mmaux.utils.config_file import read_config
from mmaux.utils.progress import progress_bar

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
TASKS = ("semseg", "depth", "normal")
SINGLES = tuple(CONFIGS / f"single_{task}_mbv2_rooms.py" for task in TASKS)
STRIPPED_AIM = 1.0
EXPORTED_AIM = 0.5
MULTI_TASK_AIM = 0.45
PAIRED = (EAGER, ONNX_RUNTIME)
SINGLE = "single-task, "


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
    parser.add_argument(
        "--singles",
        nargs="*",
        type=Path,
        default=SINGLES,
        help="configs of single-task networks that do the same together (single_*_mbv2_rooms.py)",
    )
    parser.add_argument("--checkpoint", help="weights of config; initial ones by default")
    parser.add_argument(
        "--batch-sizes", nargs="+", type=int, default=[1, 8], help="images a call (1 8)"
    )
    parser.add_argument("--size", default="480x640", help="HEIGHTxWIDTH in pixels (%(default)s)")
    parser.add_argument(
        "--forms", nargs="+", default=["*"], help="names or patterns with * (all); eager always"
    )
    parser.add_argument("--calls", type=int, default=2, help="calls a measurement (%(default)s)")
    parser.add_argument(
        "--memory", action=argparse.BooleanOptionalAction, default=True, help="measure it too"
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cuda" if torch.cuda.is_available() else "cpu",
        help="(%(default)s)",
    )
    add_report_arguments(parser, rounds=10)
    args = parser.parse_args()
    if min(args.batch_sizes) < 1:
        parser.error(f"--batch-sizes: found {args.batch_sizes}, expected 1 or more")
    return args


def time_in_rounds(
    args: argparse.Namespace, functions: Mapping[str, partial[object]], *, label: str
) -> dict[str, tuple[float, ...]]:
    """Seconds of a call of each, by round."""
    timers = {
        name: partial(seconds_per_call, function, calls=args.calls)
        for name, function in functions.items()
    }
    total = (args.rounds + 1) * len(timers)
    with torch.no_grad(), progress_bar(label, total=total) as advance:
        return measure_in_rounds(timers, rounds=args.rounds, advance=advance)


def compare_stripped(
    args: argparse.Namespace, networks: InferenceNetworks, size: tuple[int, int]
) -> Iterator[Comparison]:
    """The whole ``test_step`` of the stripped network over the joint one."""
    models = {
        "joint": networks.joint,
        "stripped": networks.stripped,
        "trained, not stripped": networks.trained,
    }
    for count in args.batch_sizes:
        batch = synthetic_batch(networks.joint, batch_size=count, size=size)
        seconds = time_in_rounds(
            args,
            {name: partial(model.test_step, batch) for name, model in models.items()},
            label=f"test_step, batch {count}",
        )
        yield Comparison.of(
            seconds,
            title=f"test_step, batch {count}",
            unit="ms",
            reference="joint",
            scale=1e3,
            aim=STRIPPED_AIM,
        )


def in_sequence(graphs: Sequence[Graph], images: Tensor) -> None:
    """Run several networks on the same images."""
    for graph in graphs:
        graph(images)


def measure_forms(
    args: argparse.Namespace,
    network: MultiTaskEncoderDecoder,
    singles: Sequence[MultiTaskEncoderDecoder],
    forms: Mapping[str, Form],
    images: Tensor,
) -> tuple[dict[str, tuple[float, ...]], dict[str, float]]:
    """Seconds of a call of each form, and how far its maps are from the eager ones."""
    graphs, deviations = build_forms(network, images, forms)
    functions = {name: partial(graph, images) for name, graph in graphs.items()}
    paired = {name: form for name, form in forms.items() if name in PAIRED}
    others = [build_forms(single, images, paired)[0] for single in singles]
    for name in paired if others else ():
        together = [own[name] for own in others]
        functions[f"{SINGLE}{name}"] = partial(in_sequence, together, images)
    return time_in_rounds(args, functions, label=f"forms, batch {len(images)}"), deviations


def compare_forms(seconds: Mapping[str, tuple[float, ...]], *, label: str) -> Iterator[Comparison]:
    """All forms of the network, the exported one with its aim, and the single-task networks."""
    names = [name for name in seconds if not name.startswith(SINGLE)]
    pairs: list[tuple[str, list[str], float | None]] = []
    if len(names) > 1:
        pairs.append(("network alone", names, None))
    if ONNX_RUNTIME in names:
        pairs.append(("exported", [EAGER, ONNX_RUNTIME], EXPORTED_AIM))
    for name in PAIRED:
        if f"{SINGLE}{name}" in seconds:
            pair = [f"{SINGLE}{name}", name]
            pairs.append((f"one network over single-task ones, {name}", pair, MULTI_TASK_AIM))
    for title, members, aim in pairs:
        yield Comparison.of(
            {name: seconds[name] for name in members},
            title=f"{title}, {label}",
            unit="ms",
            reference=members[0],
            scale=1e3,
            aim=aim,
        )


def compare_memory(
    args: argparse.Namespace,
    config: Config,
    network: MultiTaskEncoderDecoder,
    forms: Mapping[str, Form],
    size: tuple[int, int],
) -> Iterator[Comparison]:
    """Peak memory of the forms, each in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        if ONNX_RUNTIME in forms:
            write_onnx(network, torch.zeros(1, 3, *size), file)
        for count in args.batch_sizes:
            peaks = {}
            for name in forms:
                if name == ONNX_RUNTIME:
                    peaks[name] = (run_in_fresh_process(peak_onnx_bytes, file, count, size),)
                else:
                    arguments = (config.to_dict(), name, count, size, args.device)
                    peaks[name] = (run_in_fresh_process(peak_inference_bytes, *arguments),)
            yield Comparison.of(
                peaks,
                title=f"peak memory, batch {count}",
                unit="MiB",
                reference=EAGER,
                scale=2**-20,
            )


def describe(size: Complexity) -> str:
    """Parameters and operations of a network, in words."""
    return f"{size.parameters / 1e6:.3f} M, {size.flops / 1e9:.2f} G"


def measure(args: argparse.Namespace) -> BenchmarkReport:
    """Prove equality, then measure time and memory."""
    machine = describe_machine()
    size = parse_size(args.size)
    forms = choose_forms(args.forms, device=args.device)
    config, joint = (
        with_training_size(read_config(path), size) for path in (args.config, args.joint)
    )
    with tempfile.TemporaryDirectory() as folder:
        networks = build_inference_networks(
            config, joint, folder=Path(folder), checkpoint=args.checkpoint, device=args.device
        )
    singles = {
        path.stem: build_network(read_config(path), args.device).eval() for path in args.singles
    }
    comparisons = list(compare_stripped(args, networks, size))
    initial = [*singles.values()] if args.checkpoint else [networks.stripped, *singles.values()]
    noise = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
    for network in initial:
        settle_batch_norms(network, noise.to(args.device))
    deviations: dict[str, float] = {}
    for count in args.batch_sizes:
        images = torch.randn(count, 3, *size, generator=torch.Generator().manual_seed(0))
        seconds, found = measure_forms(
            args, networks.stripped, list(singles.values()), forms, images.to(args.device)
        )
        comparisons += compare_forms(seconds, label=f"batch {count}")
        deviations = {name: max(found[name], deviations.get(name, 0.0)) for name in found}
    if args.memory:
        comparisons += compare_memory(args, joint, networks.stripped, forms, size)
    removal = networks.removal
    image = torch.zeros(1, 3, *size, device=args.device)
    return BenchmarkReport(
        name="inference",
        machine=machine,
        settings={
            "device": args.device,
            "size": args.size,
            "rounds": args.rounds,
            "calls a round": args.calls,
        },
        comparisons=comparisons,
        details={
            "parameters, and operations of an image (a multiply-add is two)": {
                "in training": describe(removal.before),
                "stripped": describe(removal.after),
                **{
                    name: describe(inference_complexity(network, image))
                    for name, network in singles.items()
                },
            },
            "equality": {
                "bit-equal, all three": ", ".join(removal.fields),
                **{f"largest deviation, {name}": d for name, d in deviations.items()},
            },
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
