"""Decide which environment the set-up works in, from VENV=, PYTHON= and what is there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from probe_interpreter import Interpreter
from setup_error import SetupError

STATE_FOLDER = ".mmaux_setup"  # inside the environment: stamp, log, effective constraints
OWNED_MARK = "made_by_mmaux_setup"  # in that folder: this set-up made the environment


@dataclass(frozen=True)
class Choice:
    """The environment to work in and how to make it.

    Args:
        folder: Folder of the environment.
        maker: Interpreter that makes it; None if it is there already.
        system_site_packages: Whether it sees the packages of its maker.
        is_owned: This set-up made it: its packages follow the constraints file strictly. What
            a user's own environment holds is kept as long as it is within the ranges.
    """

    folder: Path
    maker: str | None
    system_site_packages: bool
    is_owned: bool


def environment_python(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / "bin" / "python"


def is_owned(folder: Path) -> bool:
    """Whether this set-up made an environment (or began to)."""
    return (folder / STATE_FOLDER / OWNED_MARK).exists()


def is_occupied(folder: Path) -> bool:
    """Whether a path is taken by something that is not an empty folder."""
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))


def choose_environment(
    *,
    folder: Path,
    is_named: bool,
    existing: Interpreter | None,
    python: Interpreter | None,
    fallback: Interpreter | None,
    has_torch: bool,
) -> Choice:
    """Decide where to work; the table is in the README of this folder.

    Args:
        folder: Environment named by VENV=, or the default one.
        is_named: Whether VENV= was given.
        existing: Interpreter of ``folder``; None if there is none that runs.
        python: Interpreter named by PYTHON=; None if not given.
        fallback: Interpreter found on the PATH; None if there is none that fits.
        has_torch: Whether ``python`` has a torch that fits.

    Raises:
        SetupError: What was named does not fit together, or there is no Python that fits.
    """
    if python is not None:
        _check_version(python)
        if not is_named and python.is_in_environment:
            return Choice(Path(python.prefix), None, False, is_owned(Path(python.prefix)))
    if existing is not None:
        return _reuse(folder, existing=existing, python=python)
    if is_occupied(folder) and not is_owned(folder):
        raise SetupError(
            f"{folder} is there but has no Python that runs in bin/python; expected a virtual "
            "environment, or nothing. Name another folder with VENV=, or remove it."
        )
    maker = python or fallback
    if maker is None:
        raise SetupError(
            "no Python 3.10 or newer was found on the PATH; install Python 3.11 (with its venv "
            "module), or name one: make env PYTHON=/path/to/python3.11"
        )
    shares_packages = python is not None and not python.is_in_environment and has_torch
    return Choice(folder, maker.executable, shares_packages, True)


def _reuse(folder: Path, *, existing: Interpreter, python: Interpreter | None) -> Choice:
    _check_version(existing)
    if python is not None and not _is_made_from(existing, python):
        raise SetupError(
            f"{folder} was made from Python {existing.short_version} in {existing.base_prefix}, "
            f"but PYTHON={python.executable} is Python {python.short_version} in "
            f"{python.base_prefix}. Leave PYTHON out, remove the environment (make clean-env), "
            "or name another one with VENV="
        )
    return Choice(folder, None, False, is_owned(folder))


def _is_made_from(existing: Interpreter, python: Interpreter) -> bool:
    if existing.version[:2] != python.version[:2]:
        return False
    return Path(existing.base_prefix).resolve() == Path(python.base_prefix).resolve()


def _check_version(interpreter: Interpreter) -> None:
    if not interpreter.is_supported:
        raise SetupError(
            f"{interpreter.executable} is Python {interpreter.short_version}; mmaux needs 3.10 "
            "or newer. Name another one with PYTHON= or VENV="
        )
