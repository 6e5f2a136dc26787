"""Compile mmcv with its ops for an environment's torch, once, and keep the wheel in a cache.

Usage: python tools/environment/build_mmcv.py --python VENV/bin/python [--version 2.1.0]
The environment must hold torch, setuptools < 81, wheel, ninja and packaging.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from mmcv_build_device import build_variables
from mmcv_build_target import BuildTarget, probe_target
from mmcv_wheel_cache import MmcvWheelCache, WheelKey, default_cache
from run_command import run_logged
from setup_error import SetupError
from step_progress import StepProgress

FIRST_TORCH_WITH_CXX20 = (2, 14)  # its headers refuse anything below C++20
GIGABYTES_PER_JOB = 2.0

_NINJA_LINE = re.compile(r"^\s*\[(\d+)/(\d+)\]")


def cxx_standard(torch: str) -> str:
    """The C++ standard that a version of torch needs: ``c++17``, from 2.14 on ``c++20``."""
    major, minor = (int(part) for part in re.findall(r"\d+", torch)[:2])
    return "c++20" if (major, minor) >= FIRST_TORCH_WITH_CXX20 else "c++17"


def set_cxx_standard(setup_script: str, standard: str) -> str:
    """The text of mmcv's setup.py with another C++ standard in place of C++17."""
    return setup_script.replace("c++17", standard)


def parse_ninja_line(line: str) -> str | None:
    """``[12/77] c++ ...`` becomes ``12 of 77 files``; None for any other line."""
    match = _NINJA_LINE.match(line)
    return f"{match[1]} of {match[2]} files" if match else None


def choose_jobs(cores: int, memory_gigabytes: float) -> int:
    """Compilers that run side by side: one a core, as far as the memory goes."""
    return max(1, min(cores, int(memory_gigabytes / GIGABYTES_PER_JOB)))


def check_compiler(python_headers: str) -> None:
    """Look for a C++ compiler and Python's headers before anything is downloaded.

    Raises:
        SetupError: One of them is missing; names the packages that hold them.
    """
    named = os.environ.get("CXX", "").split()
    candidates = named[:1] or ["c++", "g++", "clang++"]
    missing = []
    if not any(shutil.which(candidate) for candidate in candidates):
        missing.append(f"a C++ compiler (looked for {', '.join(candidates)})")
    if not (Path(python_headers) / "Python.h").exists():
        missing.append(f"Python's headers (looked for {Path(python_headers) / 'Python.h'})")
    if missing:
        raise SetupError(
            f"mmcv's ops must be compiled, but this machine lacks {' and '.join(missing)}.\n"
            "  Debian, Ubuntu: sudo apt-get install g++ python3-dev "
            "(python3.11-dev for python3.11, ...)\n"
            "  Fedora, RHEL:   sudo dnf install gcc-c++ python3-devel"
        )


def get_mmcv_wheel(
    python: str | Path,
    *,
    version: str,
    title: str,
    distribution: str = "mmcv",
    cache: MmcvWheelCache | None = None,
) -> Path:
    """The wheel for an environment, from the cache or compiled now.

    Args:
        python: Interpreter of the environment.
        version: Version of mmcv.
        title: Title of the progress line.
        distribution: ``mmcv`` or the name of a fork.
        cache: Where wheels are kept; the user's cache if not given.

    Raises:
        SetupError: A compiler is missing or the compilation failed.
    """
    cache = cache or MmcvWheelCache(default_cache())
    target = probe_target(python)
    key = target.key(distribution, version)

    def tell_waiting() -> None:
        print(f"{title}: another set-up compiles the same wheel; waiting for it", flush=True)

    with cache.lock(key, tell_waiting):
        wheel = cache.find(key)
        if wheel is None:
            check_compiler(target.python_headers)
            wheel = _compile(python, target=target, key=key, cache=cache, title=title)
    return wheel


def processes_in(folder: Path) -> list[int]:
    """Processes that work inside a folder; where the system has no /proc, none is found."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            is_inside = link.readlink().is_relative_to(folder.resolve())
        except OSError:  # another user's process, or one that has ended
            continue
        if is_inside:
            found.append(int(link.parent.name))
    return found


def wait_for_orphans(folder: Path, progress: StepProgress) -> None:
    """Wait for compilers that outlived a killed set-up: two at one file would spoil it."""
    while processes := processes_in(folder):
        numbers = " ".join(map(str, processes))
        progress.update(f"waiting for an earlier build that was cut off (processes {numbers})")
        time.sleep(1)


def _compile(
    python: str | Path, *, target: BuildTarget, key: WheelKey, cache: MmcvWheelCache, title: str
) -> Path:
    progress = StepProgress(f"{title}, {key.device}, about 10 minutes on 2 cores")
    folder = cache.build_folder(key)
    folder.mkdir(parents=True, exist_ok=True)
    wait_for_orphans(folder, progress)
    log = folder / "build.log"
    source = folder / "source"
    if not source.exists():
        _download(python, key=key, source=source, log=log, progress=progress)
    _patch(source / "setup.py", cxx_standard(target.torch))
    wheels = folder / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    command = [str(python), "-m", "pip", "wheel", "--verbose", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(wheels), str(source)]
    variables = _variables(python, target=target, device=key.device)
    run_logged(
        command, log=log, progress=progress, describe=parse_ninja_line, environment=variables
    )
    built = sorted(wheels.glob("*.whl"))
    if len(built) != 1:
        raise SetupError(
            f"the build ended well but left {len(built)} wheels in {wheels}; see {log}"
        )
    wheel = cache.store(key, built[0])
    shutil.rmtree(folder, ignore_errors=True)
    progress.finish(f"compiled, kept as {wheel}")
    return wheel


def _download(
    python: str | Path, *, key: WheelKey, source: Path, log: Path, progress: StepProgress
) -> None:
    with tempfile.TemporaryDirectory(dir=source.parent) as temporary:
        command = [str(python), "-m", "pip", "download", "--no-deps", "--no-build-isolation"]
        command += ["--no-binary", key.distribution, "--dest", temporary]
        command += [f"{key.distribution}=={key.version}"]
        run_logged(command, log=log, progress=progress, environment=_path_variable(python))
        archives = sorted(Path(temporary).glob("*.tar.gz"))
        if len(archives) != 1:
            raise SetupError(f"expected one source archive of {key.distribution}; see {log}")
        unpacked = Path(temporary) / "unpacked"
        with tarfile.open(archives[0]) as archive:
            # The filter came with Python 3.10.12 and 3.11.4.
            options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            archive.extractall(unpacked, **options)  # type: ignore[arg-type]
        (content,) = unpacked.iterdir()
        os.replace(content, source)


def _patch(setup_script: Path, standard: str) -> None:
    text = setup_script.read_text(encoding="utf-8")
    patched = set_cxx_standard(text, standard)
    if patched != text:
        setup_script.write_text(patched, encoding="utf-8")


def _variables(python: str | Path, *, target: BuildTarget, device: str) -> dict[str, str]:
    headers = [Path(folder) for folder in target.cuda_headers]
    variables = {"MMCV_WITH_OPS": "1", "MAX_JOBS": os.environ.get("MAX_JOBS") or str(_jobs())}
    variables.update(_path_variable(python))
    variables.update(build_variables(device, environ=os.environ, include_folders=headers))
    return variables


def _path_variable(python: str | Path) -> dict[str, str]:
    # torch calls ninja as a command: that of the environment comes first.
    return {"PATH": os.pathsep.join([str(Path(python).parent), os.environ.get("PATH", "")])}


def _jobs() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return choose_jobs(cores or 1, memory)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="interpreter of the environment")
    parser.add_argument("--version", default="2.1.0", help="version of mmcv")
    return parser.parse_args(arguments)


def main() -> int:
    """Print the path of the wheel, which is compiled if it is not in the cache."""
    arguments = parse_arguments()
    try:
        wheel = get_mmcv_wheel(
            arguments.python, version=arguments.version, title=f"mmcv {arguments.version}"
        )
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(wheel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
