"""Ask a Python interpreter what it is and which packages it has, without importing them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

MINIMUM_VERSION = (3, 10)
TESTED_VERSIONS = ((3, 10), (3, 11), (3, 12))
PREFERRED_COMMANDS = ("python3.11", "python3.12", "python3.10", "python3", "python")

_PROBE = """
import importlib.metadata, json, os, sys
def find(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
found = {name: find(name) for name in sys.argv[1:]}
print(json.dumps({
    "executable": sys.executable,
    "version": list(sys.version_info[:3]),
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "is_conda_environment": os.path.isdir(os.path.join(sys.prefix, "conda-meta"))
        and os.path.basename(os.path.dirname(sys.prefix)) == "envs",
    "packages": {name: version for name, version in found.items() if version},
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python interpreter and the versions of the packages that were asked for.

    Args:
        executable: Path of the interpreter.
        version: Such as ``(3, 11, 7)``.
        prefix: Folder of its environment.
        base_prefix: Folder of the Python that the environment was made from.
        is_conda_environment: Lives in a named conda environment, other than conda's base.
        packages: Installed distributions and their versions.
    """

    executable: str
    version: tuple[int, ...]
    prefix: str
    base_prefix: str
    is_conda_environment: bool = False
    packages: dict[str, str] = field(default_factory=dict)

    @property
    def is_in_environment(self) -> bool:
        """Whether packages installed with it stay inside a virtual or conda environment."""
        return self.prefix != self.base_prefix or self.is_conda_environment

    @property
    def short_version(self) -> str:
        """Such as ``3.11``."""
        return ".".join(map(str, self.version[:2]))

    @property
    def is_supported(self) -> bool:
        """Whether mmaux runs on this version of Python."""
        return self.version[:2] >= MINIMUM_VERSION

    @property
    def is_tested(self) -> bool:
        """Whether the pinned versions were made for this version of Python."""
        return self.version[:2] in TESTED_VERSIONS


def probe_interpreter(executable: str | Path, packages: Sequence[str] = ()) -> Interpreter | None:
    """Ask an interpreter what it is; None if it cannot be run.

    Args:
        executable: Path or command of the interpreter.
        packages: Distributions whose versions are wanted.
    """
    command = [str(executable), "-c", _PROBE, *packages]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        answer = json.loads(result.stdout)
    except (OSError, subprocess.SubprocessError, json.JSONDecodeError):
        return None
    answer["version"] = tuple(answer["version"])
    return Interpreter(**answer)


def find_interpreter(commands: Sequence[str] = PREFERRED_COMMANDS) -> Interpreter | None:
    """The first interpreter on the PATH that runs and that mmaux supports, None if none does."""
    for command in commands:
        if shutil.which(command) is None:
            continue
        interpreter = probe_interpreter(command)
        if interpreter is not None and interpreter.is_supported:
            return interpreter
    return None
