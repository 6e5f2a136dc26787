"""The version of mmaux and the versions of its neighbours that it runs on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__version__ = "0.1.0"

FindVersion = Callable[[str], "str | None"]


@dataclass(frozen=True)
class Requirement:
    """A distribution that mmaux needs, its range, and the command that installs it.

    Args:
        name: Name of the released distribution.
        fork: Name of OneDL's maintained distribution with the same import name.
        fork_versions: Specifiers of that one.
        versions: Specifiers of the released distribution.
        reason: Why the bounds are where they are.
        command: The command that puts things right.
    """

    name: str
    versions: str
    reason: str
    command: str
    fork: str | None = None
    fork_versions: str = ""


BUILD_MMCV = (
    "make env  (or: python tools/environment/setup_env.py) in a checkout of mmaux, or by hand: "
    "python -m pip install 'setuptools<81' wheel ninja packaging && "
    "python -m pip install --no-build-isolation 'mmcv==2.1.0'  (for torch >= 2.14 its setup.py "
    "must first say c++20 instead of c++17; `make env` does that)"
)

BUILD_FORKS = (
    "make env STACK=onedl  (or: python tools/environment/setup_env.py --stack onedl) in a checkout"
    " of mmaux; tools/environment/onedl_requirements.txt has the ranges of OneDL's forks"
)

REQUIREMENTS = (
    Requirement(
        name="torch",
        versions=">=2.6",
        reason="below 2.6 torch.load(weights_only=True) can be made to run code (CVE-2025-32434)",
        command="python -m pip install 'torch>=2.6' torchvision",
    ),
    Requirement(
        name="mmengine",
        fork="onedl-mmengine",
        fork_versions=">=0.10.8,<1.0",
        versions=">=0.10.4,<1.0",
        reason="the Runner and Config that mmaux is written for",
        command="python -m pip install 'mmengine>=0.10.4,<1.0'",
    ),
    Requirement(
        name="mmcv",
        fork="onedl-mmcv",
        fork_versions=">=2.3.6,<2.4.0",
        versions=">=2.0.0,<2.2.0",
        reason="mmpretrain and mmsegmentation refuse every other; it is compiled for each torch",
        command=BUILD_MMCV,
    ),
    Requirement(
        name="mmsegmentation",
        fork="onedl-mmsegmentation",
        fork_versions=">=1.4.2,<2.0",
        versions=">=1.2.2,<2.0",
        reason="its decode heads and data samples",
        command="python -m pip install 'mmsegmentation>=1.2.2,<2.0' ftfy regex",
    ),
    Requirement(
        name="mmpretrain",
        fork="onedl-mmpretrain",
        fork_versions=">=1.3.6,<2.0",
        versions=">=1.2.0,<2.0",
        reason="its backbones",
        command="python -m pip install 'mmpretrain>=1.2.0,<2.0'",
    ),
)

SETUPTOOLS = Requirement(
    name="setuptools",
    versions="<81",
    reason="mmengine (not onedl-mmengine) imports pkg_resources, which setuptools 81 drops",
    command="python -m pip install 'setuptools<81'",
)


@dataclass(frozen=True)
class VersionProblem:
    """One distribution that does not fit: what was found, what is needed, what to do."""

    name: str
    found: str
    needed: str
    command: str

    def __str__(self) -> str:
        return f"{self.name}: found {self.found}; needed {self.needed}.\n    fix: {self.command}"


def find_installed(distribution: str) -> str | None:
    """Version of an installed distribution, None where it is not installed. Imports nothing."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def check_versions(find_version: FindVersion = find_installed) -> list[VersionProblem]:
    """Compare what is installed with what mmaux needs; all problems at once.

    Args:
        find_version: Maps the name of a distribution to its version, None where there is none.

    Returns:
        list[VersionProblem]: Empty where everything fits. Pre-releases and local versions
        (``2.14.1+cu130``) are compared as PEP 440 says.
    """
    requirements = list(REQUIREMENTS)
    if find_version("mmengine") is not None:
        requirements.append(SETUPTOOLS)
    problems = [_check(requirement, find_version) for requirement in requirements]
    return [problem for problem in problems if problem is not None]


def require_versions(find_version: FindVersion = find_installed) -> None:
    """Stop with every version problem and its fix.

    Raises:
        ImportError: Something is missing or out of range.
    """
    problems = check_versions(find_version)
    if problems:
        listing = "\n".join(f"  {problem}" for problem in problems)
        raise ImportError(f"mmaux {__version__} cannot run with these packages:\n{listing}")


def _check(requirement: Requirement, find_version: FindVersion) -> VersionProblem | None:
    found = find_version(requirement.name)
    forked = find_version(requirement.fork) if requirement.fork else None
    needed = f"{requirement.name}{requirement.versions} ({requirement.reason})"
    if requirement.fork:
        needed += f", or {requirement.fork}{requirement.fork_versions}"

    def problem(what: str, command: str = requirement.command) -> VersionProblem:
        return VersionProblem(requirement.name, what, needed, command)

    if found is not None and forked is not None:
        both = f"{found} and {requirement.fork} {forked}, which overwrite each other's files"
        return problem(
            both,
            f"python -m pip uninstall -y {requirement.name} {requirement.fork} && "
            f"{requirement.command}",
        )
    if forked is not None:
        if _is_within(forked, requirement.fork_versions):
            return None
        return problem(f"{requirement.fork} {forked}", BUILD_FORKS)
    if found is None:
        if requirement.name == "mmcv" and find_version("mmcv-lite") is not None:
            return problem(
                f"only mmcv-lite {find_version('mmcv-lite')}, which has no compiled ops",
                f"python -m pip uninstall -y mmcv-lite && {requirement.command}",
            )
        return problem("none")
    return None if _is_within(found, requirement.versions) else problem(found)


def _is_within(found: str, versions: str) -> bool:
    try:
        from packaging.specifiers import SpecifierSet
        from packaging.version import InvalidVersion
    except ImportError as error:
        raise ImportError(
            "mmaux compares versions with packaging, which is not installed.\n"
            "    fix: python -m pip install packaging"
        ) from error
    try:
        return SpecifierSet(versions).contains(found, prereleases=True)
    except InvalidVersion:
        return False
