"""Build everything, run a step, say what training will cost."""

import contextlib
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from typing import Any

import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from rich.console import Console
from rich.table import Table

from mmaux.models import MultiTaskEncoderDecoder

_TIMED_STEPS = 2


class _DryRunEnded(Exception):  # noqa: N818 (a signal, not an error)
    """Training has run as many steps as wanted."""


class _StepTimer(Hook):
    """Times steps after the first and ends training."""

    priority = "LOWEST"

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.losses: dict[str, float] = {}
        self._start = 0.0

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        self._start = time.perf_counter()

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.seconds.append(time.perf_counter() - self._start)
        self.losses = {k: float(v.detach()) for k, v in (outputs or {}).items() if "loss" in k}
        if len(self.seconds) > _TIMED_STEPS:
            raise _DryRunEnded


@dataclass(frozen=True)
class DryRunReport:
    """What a dry run found.

    Attributes:
        parameters: Parameters of the network that is kept.
        auxiliary_parameters: Those that only training has, the auxiliary module's above all.
        batch_size: Images a step on this process.
        peak_memory_gib: Peak memory of the device, or of the process on a CPU.
        first_step_seconds: The first step, with what it sets up.
        timed_steps: Steps after it that were timed, fewer than two where the schedule is short.
        seconds_per_step: Their mean, without waiting for data; None where there are none.
        total_steps: Steps of the schedule.
        estimated_hours: ``seconds_per_step * total_steps``, validation not included; None likewise.
        losses: Losses of the last step.
    """

    parameters: int
    auxiliary_parameters: int
    batch_size: int
    peak_memory_gib: float
    first_step_seconds: float
    timed_steps: int
    seconds_per_step: float | None
    total_steps: int
    estimated_hours: float | None
    losses: dict[str, float]

    def print(self) -> None:
        """Write the report as a table."""
        table = Table(title="dry run", show_header=False)
        kept, extra = self.parameters / 1e6, self.auxiliary_parameters / 1e6
        device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
        table.add_row("parameters, as deployed", f"{kept:.3f} M")
        table.add_row("parameters, in training", f"{kept + extra:.3f} M")
        table.add_row("batch size", str(self.batch_size))
        table.add_row("device", device)
        table.add_row("peak memory", f"{self.peak_memory_gib:.2f} GiB")
        table.add_row("first step", f"{self.first_step_seconds:.2f} s")
        step = estimate = "unknown, the schedule is too short to time"
        if self.seconds_per_step is not None and self.estimated_hours is not None:
            step = f"{self.seconds_per_step:.2f} s (mean of {self.timed_steps})"
            estimate = f"{_duration(self.estimated_hours)}, no validation"
        table.add_row("a step", step)
        table.add_row("steps", f"{self.total_steps:,}")
        table.add_row("estimated training time", estimate)
        for name, value in self.losses.items():
            table.add_row(name, f"{value:.4f}")
        Console().print(table)

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def _duration(hours: float) -> str:
    for unit, size in (("h", 1), ("min", 60)):
        if hours * size >= 1:
            return f"{hours * size:.1f} {unit}"
    return f"{hours * 3600:.1f} s"


def _peak_memory_gib() -> float:
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**30
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**30 if sys.platform == "darwin" else peak / 2**20


def dry_run(config: Config) -> DryRunReport:
    """Build model, data, optimizer and evaluation, and train for three steps.

    Nothing is written to the work folder.

    Args:
        config: A training config.

    Returns:
        Counts, memory and time.

    Raises:
        ValueError: Training has no step to run.
    """
    config = Config(config.to_dict(), filename=config.filename)
    config.pop("visualizer", None)
    timer = _StepTimer()
    with tempfile.TemporaryDirectory() as folder:
        config.work_dir = folder
        runner = Runner.from_cfg(config)
        runner.register_hook(timer, priority="LOWEST")
        with contextlib.suppress(_DryRunEnded):
            runner.train()
        if not timer.seconds:
            raise ValueError(
                f"{config.filename or 'config'}: training up to max_iters={runner.max_iters} has "
                "no step to run; set train_cfg.max_iters higher, to 1 at least."
            )
        if runner.val_loop is not None:
            next(iter(runner.val_dataloader))
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        total_steps = runner.max_iters
        batch_size = runner.train_dataloader.batch_size
    training_only = tuple(f"{name}." for name in MultiTaskEncoderDecoder.training_only)
    counts = {True: 0, False: 0}
    for name, parameter in model.named_parameters():
        counts[name.startswith(training_only)] += parameter.numel()
    timed = timer.seconds[1:]
    seconds = sum(timed) / len(timed) if timed else None
    return DryRunReport(
        parameters=counts[False],
        auxiliary_parameters=counts[True],
        batch_size=batch_size,
        peak_memory_gib=_peak_memory_gib(),
        first_step_seconds=timer.seconds[0],
        timed_steps=len(timed),
        seconds_per_step=seconds,
        total_steps=total_steps,
        estimated_hours=None if seconds is None else seconds * total_steps / 3600,
        losses=timer.losses,
    )
