"""Decide whether mmcv's ops are compiled for the CPU only or for CUDA as well."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from setup_error import SetupError

CPU = "cpu"


def find_nvcc(environ: Mapping[str, str] | None = None) -> str | None:
    """The CUDA compiler where torch looks for it: CUDA_HOME, the PATH, /usr/local/cuda."""
    environ = os.environ if environ is None else environ
    home = environ.get("CUDA_HOME") or environ.get("CUDA_PATH")
    if home:
        nvcc = Path(home) / "bin" / "nvcc"
        return str(nvcc) if nvcc.exists() else None
    usual = Path("/usr/local/cuda/bin/nvcc")
    return shutil.which("nvcc") or (str(usual) if usual.exists() else None)


def choose_device(
    *,
    torch_cuda: str | None,
    capabilities: Sequence[str],
    nvcc: str | None,
    force: str | None = None,
    arch_list: str | None = None,
) -> str:
    """What the ops are compiled for: ``cpu``, or such as ``cu130_sm90``.

    Args:
        torch_cuda: CUDA version of torch such as ``13.0``; None for a CPU build of torch.
        capabilities: Compute capabilities of the GPUs that are there, such as ``9.0``.
        nvcc: Path of the CUDA compiler, None if there is none.
        force: The variable FORCE_CUDA: ``1`` builds without a GPU, ``0`` for the CPU only.
        arch_list: The variable TORCH_CUDA_ARCH_LIST.

    Raises:
        SetupError: FORCE_CUDA=1 cannot be followed.
    """
    if force == "0":
        return CPU
    if force == "1":
        _check_force(torch_cuda=torch_cuda, nvcc=nvcc, known=bool(arch_list or capabilities))
    elif torch_cuda is None or nvcc is None or not capabilities:
        return CPU
    wanted = re.findall(r"\d+\.\d+[af]?(?:\+PTX)?", arch_list or "") or sorted(set(capabilities))
    architectures = "_".join("sm" + item.replace(".", "") for item in wanted)
    return f"cu{(torch_cuda or '').replace('.', '')}_{architectures}"


def build_variables(
    device: str, *, environ: Mapping[str, str], include_folders: Sequence[Path] = ()
) -> dict[str, str]:
    """Variables that make mmcv's setup.py build what was chosen.

    Args:
        device: What :func:`choose_device` returned.
        environ: The present variables.
        include_folders: Headers of CUDA that come with torch, for a toolkit that lacks some.
    """
    if device == CPU:
        # mmcv's setup.py asks torch for a GPU and would then need nvcc.
        return {"FORCE_CUDA": "0", "CUDA_VISIBLE_DEVICES": ""}
    headers = [environ.get("CPATH", ""), *map(str, include_folders)]
    return {"FORCE_CUDA": "1", "CPATH": os.pathsep.join(item for item in headers if item)}


def _check_force(*, torch_cuda: str | None, nvcc: str | None, known: bool) -> None:
    problem = None
    if torch_cuda is None:
        problem = "this torch was built without CUDA; install one with CUDA"
    elif nvcc is None:
        problem = "nvcc was not found; install the CUDA toolkit or set CUDA_HOME"
    elif not known:
        problem = "no GPU is visible; set TORCH_CUDA_ARCH_LIST, such as 8.6 or 9.0"
    if problem:
        raise SetupError(f"FORCE_CUDA=1, but {problem} (or leave FORCE_CUDA out)")
