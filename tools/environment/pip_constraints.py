"""Which of the tested pins apply to an environment."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_NAME = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(.*)$")


def normalize_name(name: str) -> str:
    """A distribution's name as package indexes compare it: ``PyYAML`` becomes ``pyyaml``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def strip_comment(line: str) -> str:
    """A line of a requirements file without its comment."""
    return line.split("#")[0].strip()


def read_pin(constraints: str, name: str) -> str:
    """The version that the constraints pin, for a distribution with one pin.

    Raises:
        ValueError: There is no pin for it.
    """
    for line in constraints.splitlines():
        found, _, version = strip_comment(line).partition("==")
        if version and normalize_name(found) == normalize_name(name):
            return version.split(";")[0].strip()
    raise ValueError(f"constraints.txt: found no pin of {name}; add `{name}==VERSION`")


def read_range(requirements: str, name: str) -> str:
    """The requirement of a distribution as it stands in a requirements file: ``torch>=2.6``.

    Raises:
        ValueError: It is not required.
    """
    for line in requirements.splitlines():
        if _required_name(line) == normalize_name(name):
            return strip_comment(line)
    raise ValueError(f"requirements.txt: found no line for {name}; add it")


def select_pins(constraints: str, *, kept: Collection[str], exact: Mapping[str, str]) -> str:
    """The constraints for an environment that holds packages of its own.

    Args:
        constraints: Text of the tested constraints.
        kept: Distributions that stay as they are while they are within the ranges: not pinned.
        exact: Distributions and the versions that they must keep, such as the user's torch.
    """
    free = {normalize_name(name) for name in (*kept, *exact)}
    lines = []
    for line in constraints.splitlines():
        match = _NAME.match(strip_comment(line).partition("==")[0])
        if match and normalize_name(match[1]) not in free:
            lines.append(strip_comment(line))
    lines += [f"{name}=={version}" for name, version in exact.items()]
    return "\n".join(lines) + "\n"


def keep_lines(requirements: str, *, without: Collection[str]) -> str:
    """The lines of a requirements file that are not about some distributions."""
    dropped = {normalize_name(name) for name in without}
    lines = [line for line in requirements.splitlines() if _required_name(line) not in dropped]
    return "\n".join(lines) + "\n"


def _required_name(line: str) -> str | None:
    """Normalized name of the distribution that a line of a requirements file is about."""
    match = _NAME.match(re.sub(r"[<>=!~].*$", "", strip_comment(line)))
    return normalize_name(match[1]) if match else None


def is_within(version: str, requirement: str) -> bool:
    """Whether a version is in a range made of ``>=`` and ``<``; compares release numbers only.

    Args:
        version: Such as ``2.14.1+cu130``.
        requirement: Such as ``torch>=2.6`` or ``mmcv>=2.0.0rc4,<2.2.0``.
    """
    release = release_numbers(version)
    for operator, bound in re.findall(r"(>=|<)\s*([^,;\s]+)", requirement):
        limit = release_numbers(bound)
        if (release >= limit) != (operator == ">="):
            return False
    return True


def release_numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version in four places: ``2.0.0rc4`` becomes ``(2, 0, 0, 0)``."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    numbers = [int(part) for part in match[0].split(".")] if match else []
    return tuple([*numbers, 0, 0, 0, 0][:4])


def torchvision_for(torch: str) -> str:
    """The torchvision that belongs to a torch: 2.14 and 0.29, 2.15 and 0.30, and so on."""
    major, minor = release_numbers(torch)[:2]
    if major != 2:
        raise ValueError(f"torch {torch}: only torch 2 has a known torchvision; install it by hand")
    return f"torchvision==0.{minor + 15}.*"
