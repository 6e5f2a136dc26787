"""Where a run took place: versions, hardware, revision of the code."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

import mmaux

_PACKAGES = ("mmaux", "mmengine", "mmcv", "mmseg", "mmpretrain", "torch", "torchvision", "numpy")


@dataclass(frozen=True)
class RunEnvironment:
    """Where a run took place.

    Attributes:
        python: Version of Python.
        packages: Versions by import name; those that are not installed are left out.
        platform: Operating system and architecture.
        processor: Model of the CPU.
        cores: CPU cores that this process may use.
        threads: Threads of PyTorch.
        accelerators: Names of the GPUs in sight.
        revision: Commit of mmaux, with ``-modified`` where files differ from it; None where mmaux
            is not in a git checkout.
    """

    python: str
    packages: dict[str, str]
    platform: str
    processor: str
    cores: int
    threads: int
    accelerators: tuple[str, ...]
    revision: str | None

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "RunEnvironment":
        """From the JSON form."""
        return cls(**{**content, "accelerators": tuple(content["accelerators"])})


def current_environment() -> RunEnvironment:
    """The environment of this process, which the processes it starts share."""
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    return RunEnvironment(
        python=sys.version.split()[0],
        packages=_versions(),
        platform=platform.platform(),
        processor=_processor(),
        cores=available_cores(),
        threads=torch.get_num_threads(),
        accelerators=tuple(torch.cuda.get_device_name(index) for index in gpus),
        revision=git_revision(Path(mmaux.__file__).parent),
    )


def describe_environments(environments: Iterable[RunEnvironment]) -> str:
    """Hardware and versions, each named once with the revisions that ran there; empty if none."""
    found: dict[str, list[str]] = {}
    for entry in environments:
        where = ", ".join(entry.accelerators) or f"{entry.processor}, {entry.cores} cores"
        codes = found.setdefault(f"{where}; torch {entry.packages['torch']}", [])
        if (code := _short(entry)) not in codes:
            codes.append(code)
    parts = [f"{where}, mmaux {', '.join(codes)}" for where, codes in found.items()]
    return f"Run on: {' | '.join(parts)}." if found else ""


def _short(entry: RunEnvironment) -> str:
    if entry.revision is None:
        return entry.packages["mmaux"]
    commit, _, modified = entry.revision.partition("-")
    return f"{commit[:10]}-{modified}" if modified else commit[:10]


def git_revision(folder: Path) -> str | None:
    """Commit of the checkout that tracks a package's folder.

    Args:
        folder: Folder with an ``__init__.py``. A folder that merely lies in some repository, such
            as an environment there, has no revision.
    """
    if _git(folder, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    commit = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}-modified" if commit and changed else commit


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _versions() -> dict[str, str]:
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = str(import_module(name).__version__)
        except (ImportError, AttributeError):
            continue
    return versions


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def available_cores() -> int:
    """CPU cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
