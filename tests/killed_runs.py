"""Commands that are killed in the middle of their work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from small_runs import REPOSITORY


def kill_when_exists(file: Path, tool: str, *arguments: str | Path, seconds: float = 120) -> None:
    """Start a command of the checkout and kill it as soon as it has written ``file``."""
    command = [sys.executable, str(REPOSITORY / "tools" / tool), *map(str, arguments)]
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + seconds
    while not file.exists():
        assert process.poll() is None, process.communicate()[1].decode()
        assert time.monotonic() < deadline
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
