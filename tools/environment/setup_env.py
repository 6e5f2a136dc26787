"""Make or complete the environment that mmaux runs in; then, if asked, run something in it.

Usage: python tools/environment/setup_env.py [--venv FOLDER] [--python INTERPRETER]
       [--stack NAME] [--run ARGUMENTS OF PYTHON ...]

Needs Python 3.10 or newer and nothing else. What is done already is not done again.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from choose_environment import Choice, choose_environment, environment_python
from environment_setup import ROOT, EnvironmentSetup
from mmcv_wheel_cache import lock_file
from pip_constraints import is_within, read_range
from probe_interpreter import Interpreter, find_interpreter, probe_interpreter
from setup_error import SetupError
from stacks import STACKS, get_stack
from step_progress import StepProgress


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--venv", default="", help="environment to use or to make")
    parser.add_argument("--python", default="", help="interpreter to use or to make it from")
    parser.add_argument("--stack", default="released", help=f"one of: {', '.join(STACKS)}")
    parser.add_argument(
        "--run", nargs=argparse.REMAINDER, help="then run the environment's Python with these"
    )
    return parser.parse_args(arguments)


def resolve_choice(venv: str, python: str, stack: str) -> Choice:
    """Look at what is there and decide which environment to work in.

    Args:
        venv: What VENV= says; empty if not given.
        python: What PYTHON= says; empty if not given.
        stack: What STACK= says.

    Raises:
        SetupError: What was named does not run or does not fit together.
    """
    folder = Path(venv).expanduser().absolute() if venv else ROOT / get_stack(stack).folder
    named = _probe_named(python) if python else None
    existing = probe_interpreter(environment_python(folder))
    needs_maker = existing is None and named is None
    return choose_environment(
        folder=folder,
        is_named=bool(venv),
        existing=existing,
        python=named,
        fallback=find_interpreter() if needs_maker else None,
        has_torch=existing is None and named is not None and has_suitable_torch(named),
    )


def has_suitable_torch(interpreter: Interpreter) -> bool:
    """Whether an interpreter has a torch within the range."""
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    torch = interpreter.packages.get("torch")
    return torch is not None and is_within(torch, read_range(requirements, "torch"))


def set_up(choice: Choice, stack: str) -> Path:
    """Complete an environment.

    Returns:
        Path: Its interpreter.

    Raises:
        SetupError: A step failed.
    """
    setup = EnvironmentSetup(choice, get_stack(stack))
    if not setup.pending():
        print(f"environment: {setup.describe()}", flush=True)
        return setup.python
    setup.claim()
    total = StepProgress(f"setting up {choice.folder}")

    def tell_waiting() -> None:
        print(f"another set-up works in {choice.folder}; waiting for it", flush=True)

    with lock_file(setup.state / "lock", tell_waiting):
        setup.run()
    total.finish(f"ready, {setup.describe()}; log: {setup.log}")
    return setup.python


def run_in_environment(python: Path, arguments: list[str]) -> None:
    """Replace this process by the environment's Python; does not return."""
    variables = dict(os.environ)
    variables["PATH"] = os.pathsep.join([str(python.parent), variables.get("PATH", "")])
    os.execve(python, [str(python), *arguments], variables)


def _probe_named(python: str) -> Interpreter:
    interpreter = probe_interpreter(Path(python).expanduser(), ["torch"])
    if interpreter is None:
        raise SetupError(f"PYTHON={python} does not run; expected a Python interpreter")
    return interpreter


def _stop(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Set up, then run what was asked for."""
    for signal_number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, _stop)
    arguments = parse_arguments()
    try:
        choice = resolve_choice(arguments.venv, arguments.python, arguments.stack)
        python = set_up(choice, arguments.stack)
    except SetupError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up interrupted; run the same command again to continue", file=sys.stderr)
        return 130
    if arguments.run:
        run_in_environment(python, arguments.run)
    return 0


if __name__ == "__main__":
    sys.exit(main())
