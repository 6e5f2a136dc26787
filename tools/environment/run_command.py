"""Run a command: its output goes to a log file, its progress to one line."""

from __future__ import annotations

import os
import queue
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from setup_error import SetupError
from step_progress import StepProgress

TAIL_LINES = 40

Describe = Callable[[str], "str | None"]


def last_line(line: str) -> str | None:
    """Progress of a command that counts nothing: the latest line that it printed."""
    return line.strip()[:100] or None


def run_logged(
    command: Sequence[str],
    *,
    log: Path,
    progress: StepProgress,
    describe: Describe = last_line,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> None:
    """Run a command to its end; what it prints is appended to a log file.

    Args:
        command: Program and arguments.
        log: File that the output is appended to.
        progress: Shows that the command is alive.
        describe: Maps a line of the output to the progress it tells, None if it tells nothing.
        environment: Variables that are set on top of the present ones.
        directory: Where the command runs.

    Raises:
        SetupError: The command failed; holds the command, the end of its output and the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with log.open("a", encoding="utf-8") as log_file:
        log_file.write(f"$ {shlex.join(command)}\n")
        log_file.flush()
        process = _start(command, environment, directory)
        try:
            _follow(process, log_file, tail, progress, describe)
        except BaseException:
            _stop_group(process)
            raise
    if process.returncode != 0:
        progress.finish("failed")
        raise SetupError(describe_failure(command, process.returncode, tail, log))


def describe_failure(command: Sequence[str], status: int, tail: Sequence[str], log: Path) -> str:
    """The message for a command that failed."""
    shown = "\n".join(f"    {line}" for line in tail)
    return (
        f"this command ended with status {status}:\n    {shlex.join(command)}\n"
        f"its last {len(tail)} lines were:\n{shown}\nthe whole output: {log}"
    )


def _start(
    command: Sequence[str], environment: Mapping[str, str] | None, directory: Path | None
) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            cwd=directory,
            start_new_session=True,  # so that it can be stopped with all that it starts
        )
    except OSError as error:
        raise SetupError(f"cannot run {command[0]}: {error}") from error


def _stop_group(process: subprocess.Popen[str]) -> None:
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(timeout=5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def _follow(
    process: subprocess.Popen[str],
    log_file: IO[str],
    tail: deque[str],
    progress: StepProgress,
    describe: Describe,
) -> None:
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read_lines, args=(process, lines), daemon=True)
    reader.start()
    detail = ""
    while True:
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            progress.update(detail)
            continue
        if line is None:
            break
        log_file.write(line)
        log_file.flush()
        tail.append(line.rstrip("\n"))
        detail = describe(line) or detail
        progress.update(detail)
    process.wait()


def _read_lines(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None  # for the type checker: it was opened as a pipe
    for line in process.stdout:
        lines.put(line)
    lines.put(None)
