"""A webcam for commands that tests start, on Linux with a C compiler."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from small_runs import REPOSITORY, listen_to_interrupts

FPS = 30


def needs_compiler() -> pytest.MarkDecorator:
    there = sys.platform.startswith("linux") and shutil.which("cc") is not None
    return pytest.mark.skipif(not there, reason="a webcam is emulated with Linux and a C compiler")


def interrupt(process: subprocess.Popen[str]) -> str:
    """What a user does who presses Ctrl-C; Python loses one that falls into a finaliser.

    Returns:
        The process's output.
    """
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=15)[0]
    process.kill()
    raise AssertionError(f"it goes on: {process.communicate()[0]}")


class EmulatedWebcam:
    """Webcam 0 of the commands that are run with it.

    Args:
        folder: For its files.
        frames: What it sees, BGR uint8 (N, H, W, 3), ``FPS`` a second; then it is unplugged.
    """

    def __init__(self, folder: Path, frames: np.ndarray) -> None:
        library, file = folder / "webcam.so", folder / "webcam.bgr"
        source = REPOSITORY / "tests" / "emulated_webcam.c"
        compile_it = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror"]
        subprocess.run([*compile_it, "-o", str(library), str(source)], check=True)
        frames.tofile(file)
        height, width = frames.shape[1:3]
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "tests")]),
            "LD_PRELOAD": str(library),
            "CAMERA_FRAMES": str(file),
            "CAMERA_SIZE": f"{width}x{height}",
            "CAMERA_FPS": str(FPS),
        }

    def start(self, *words: str, cwd: Path, **variables: str) -> subprocess.Popen[str]:
        """Python with these words."""
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", *words],
            cwd=cwd,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=listen_to_interrupts,
        )

    def run(self, *words: str, cwd: Path) -> tuple[int, str]:
        """Exit status and output."""
        with self.start(*words, cwd=cwd) as process:
            output, _ = process.communicate(timeout=120)
        return process.returncode, output
