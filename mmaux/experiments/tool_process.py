"""Running one of mmaux's commands in a process of its own, with a log."""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mmaux.utils.shipped_content import TOOLS

_POLL_SECONDS = 0.5
_LAST_LINES = 20
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


class RunFailedError(RuntimeError):
    """A command of a run failed; the message has the last lines of its log, and the log's path."""


def run_tool(
    tool: str,
    *arguments: str | os.PathLike[str],
    log: Path,
    on_poll: Callable[[], None] | None = None,
    lock: int | None = None,
) -> None:
    """Run a script of ``tools/`` and wait for it.

    Args:
        tool: Path below ``tools/``.
        arguments: Its arguments.
        log: File to append both of its outputs to.
        on_poll: Called about twice a second while it runs.
        lock: File descriptor of a lock that the process shall hold too, see :func:`folder_lock`.

    Raises:
        RunFailedError: It ended with an error.
    """
    command = [sys.executable, str(TOOLS / tool), *(str(argument) for argument in arguments)]
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            pass_fds=() if lock is None else (lock,),
            preexec_fn=_end_with_parent(),
        )
    try:
        while True:
            try:
                status = process.wait(_POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if on_poll is not None:
                    on_poll()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if status != 0:
        raise RunFailedError(
            f"{tool} ended with {_status_text(status)}. The last lines of its log:\n"
            f"{_tail(log)}\nThe whole log: {log}"
        )


@contextmanager
def folder_lock(folder: Path, *, on_wait: Callable[[], None] | None = None) -> Iterator[int]:
    """Hold a run's folder for this process and for those that inherit the descriptor.

    Processes of a run whose parent was killed may live for some more seconds, or go on where the
    system cannot end them with it: who comes next waits until the last of them has gone.

    Args:
        folder: Folder of the run.
        on_wait: Called about twice a second while another process holds it.

    Yields:
        The descriptor, to be passed on.
    """
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if on_wait is not None:
                    on_wait()
                time.sleep(_POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux: what makes a child end when this process is killed."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(_DEATH_SIGNAL, signal.SIGKILL)


def _status_text(status: int) -> str:
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"exit status {status}"


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LAST_LINES:])
