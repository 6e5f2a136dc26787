"""A Ray cluster on the loopback device, as a user starts it."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

RAY = str(Path(sys.executable).parent / "ray")


class RayCluster:
    """Nodes of ``ray start``, with files of their own, so that ``auto`` finds these nodes.

    Attributes:
        address: Host and port of the head, which is not there before it is started.
        environment: That of a command which looks for this cluster.
    """

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self._folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")  # sockets need a short path
        own = {"RAY_TMPDIR": self._folder, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        self.environment = {**os.environ, **own}
        self._nodes: list[subprocess.Popen[str]] = []

    def run(self, words: Sequence[str]) -> None:
        """Run ``ray WORDS``."""
        if words[0] == "start":
            self._start(words)
        else:
            subprocess.run([RAY, *words], env=self.environment, check=True, capture_output=True)

    def _start(self, words: Sequence[str]) -> None:
        """Start a node with one core, and wait until it is there."""
        own = ["--block", "--node-ip-address", "127.0.0.1", "--num-cpus", "1"]
        own += ["--object-store-memory", "80000000", "--disable-usage-stats"]
        if "--head" in words:
            port = self.address.split(":")[1]
            own += ["--port", port, "--include-dashboard", "false", "--temp-dir", self._folder]
        node = subprocess.Popen(
            [RAY, *words, *own],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._nodes.append(node)
        assert node.stdout is not None
        lines = []
        for line in node.stdout:
            lines.append(line)
            if "This command will now block" in line:
                return
        raise AssertionError("".join(lines))

    def close(self) -> None:
        """End all nodes."""
        for node in self._nodes:
            family = [*psutil.Process(node.pid).children(recursive=True), node]
            for process in family:
                with suppress(psutil.NoSuchProcess):  # ended with the one before
                    process.kill()
            node.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
