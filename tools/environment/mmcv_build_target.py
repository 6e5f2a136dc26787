"""What mmcv is compiled for: the torch, the Python and the GPUs of an environment."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mmcv_build_device import choose_device, find_nvcc
from mmcv_wheel_cache import WheelKey
from setup_error import SetupError

_PROBE = """
import json, pathlib, sys, sysconfig, torch
try:
    import importlib.metadata
    version = importlib.metadata.version("torch")
except importlib.metadata.PackageNotFoundError:
    version = torch.__version__
gpus = range(torch.cuda.device_count() if torch.cuda.is_available() else 0)
packages = pathlib.Path(torch.__file__).parents[1]
print(json.dumps({
    "torch": version,
    "cuda": torch.version.cuda,
    "capabilities": ["%d.%d" % torch.cuda.get_device_capability(gpu) for gpu in gpus],
    "python": "cp%d%d" % sys.version_info[:2],
    "platform": sysconfig.get_platform().replace("-", "_").replace(".", "_"),
    "python_headers": sysconfig.get_paths()["include"],
    "cuda_headers": [str(folder) for folder in sorted(packages.glob("nvidia/cu*/include"))],
}))
"""


@dataclass(frozen=True)
class BuildTarget:
    """What the wheel is compiled for.

    Args:
        torch: Version of torch.
        cuda: CUDA version of torch, None without CUDA.
        capabilities: Compute capabilities of the visible GPUs.
        python: Such as ``cp311``.
        platform: Such as ``linux_x86_64``.
        python_headers: Folder that should hold ``Python.h``.
        cuda_headers: Folders of CUDA headers that were installed with torch.
    """

    torch: str
    cuda: str | None
    capabilities: list[str]
    python: str
    platform: str
    python_headers: str
    cuda_headers: list[str]

    def choose_device(self) -> str:
        """``cpu`` or such as ``cu130_sm90``, from the machine and FORCE_CUDA."""
        return choose_device(
            torch_cuda=self.cuda,
            capabilities=self.capabilities,
            nvcc=find_nvcc(),
            force=os.environ.get("FORCE_CUDA"),
            arch_list=os.environ.get("TORCH_CUDA_ARCH_LIST"),
        )

    def key(self, distribution: str, version: str) -> WheelKey:
        """Key of the wheel in the cache."""
        device = self.choose_device()
        return WheelKey(distribution, version, self.torch, self.python, device, self.platform)


def probe_target(python: str | Path) -> BuildTarget:
    """Ask an environment what mmcv has to be compiled for.

    Raises:
        SetupError: torch cannot be imported there.
    """
    result = subprocess.run([str(python), "-c", _PROBE], capture_output=True, text=True)
    if result.returncode != 0:
        raise SetupError(
            f"{python} cannot import torch, which mmcv is compiled against:\n"
            f"{result.stderr.strip()[-1500:]}\ninstall torch there first"
        )
    return BuildTarget(**json.loads(result.stdout.strip().splitlines()[-1]))
