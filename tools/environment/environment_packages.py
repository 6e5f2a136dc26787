"""Which packages of an environment are the user's, to be kept as they are."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pip_constraints import normalize_name, select_pins

_LIST_PACKAGES = """
import importlib.metadata, json, sys
from pathlib import Path
prefix = Path(sys.prefix).resolve()
print(json.dumps([
    [item.metadata["Name"], item.version, prefix in Path(item.locate_file("")).resolve().parents]
    for item in importlib.metadata.distributions() if item.metadata["Name"]
]))
"""


@dataclass(frozen=True)
class EnvironmentPackages:
    """Packages that an environment sees.

    Args:
        versions: Names (normalized) and versions.
        users: Those that this set-up did not install: all of them in an environment that it did
            not make; in one that it made, those of the Python that it was made from.
    """

    versions: dict[str, str]
    users: frozenset[str]

    @property
    def users_torch(self) -> str | None:
        """Version of the user's own torch, None if there is none."""
        return self.versions["torch"] if "torch" in self.users else None

    def select_pins(self, constraints: str) -> str:
        """The tested constraints without those for the user's packages; torch stays as it is."""
        if self.users_torch is None:
            return select_pins(constraints, kept=self.users, exact={})
        kept = self.users | {"torchvision"}  # each torch has its own
        return select_pins(constraints, kept=kept, exact={"torch": self.users_torch})


def list_packages(python: Path, *, is_owned: bool) -> EnvironmentPackages:
    """Ask an environment for its packages.

    Args:
        python: Interpreter of the environment.
        is_owned: This set-up made the environment.
    """
    output = subprocess.check_output([str(python), "-c", _LIST_PACKAGES], text=True)
    versions: dict[str, str] = {}
    users = set()
    for name, version, is_inside in json.loads(output):
        normalized = normalize_name(name)
        if normalized in versions:
            continue  # hidden by one that comes earlier on the path
        versions[normalized] = version
        if not (is_owned and is_inside):
            users.add(normalized)
    return EnvironmentPackages(versions, frozenset(users))
