"""What a measurement was taken on."""

import importlib
import os
import platform
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import torch

_PACKAGES = ("torch", "mmengine", "mmcv", "mmseg", "numpy", "cv2", "mmaux")


@dataclass(frozen=True)
class Machine:
    """Hardware, versions and the moment.

    Attributes:
        processor: Model of the CPU.
        cores: Logical cores that this process may use.
        memory_gib: Main memory.
        accelerator: Model of the GPU, None without one.
        threads: Threads that one operation of PyTorch uses on the CPU.
        load: Processes that wanted a core in the last minute, mean, when the description was made;
            far above zero before a benchmark means that others disturb it.
        versions: Versions of the packages that matter, and Python's.
        time: ISO 8601, UTC.
    """

    processor: str
    cores: int
    memory_gib: float
    accelerator: str | None
    threads: int
    load: float
    versions: dict[str, str]
    time: str

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For people."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return [
            f"{self.processor}, {self.cores} cores, {self.memory_gib:.0f} GiB, "
            f"{self.accelerator or 'no GPU'}",
            f"{self.threads} threads an operation; load {self.load:.1f} at the start",
            f"{versions}; {self.time}",
        ]


def describe_machine() -> Machine:
    """Describe this machine and this process."""
    versions = {name: str(importlib.import_module(name).__version__) for name in _PACKAGES}
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count() or 1,
        memory_gib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
        accelerator=torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        threads=torch.get_num_threads(),
        load=os.getloadavg()[0],
        versions={"Python": platform.python_version(), **versions},
        time=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
