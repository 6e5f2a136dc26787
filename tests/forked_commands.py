"""Commands in forks of a process that has imported everything: their start costs nothing."""

import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

PRELOADED = (
    "mmaux.apis",
    "mmaux.benchmarking",
    "mmaux.deploy",
    "mmaux.engine",
    "mmaux.experiments",
    "mmaux.search",
    "mmseg.apis",
    "mmpretrain",
    "matplotlib.pyplot",
    "torch.utils.tensorboard",
    "torchjd.aggregation",
)
SECONDS = 300  # after which a command is ended


class Done(NamedTuple):
    """How a command ended and what it printed, both outputs together."""

    status: int
    output: str


class ForkedCommands:
    """Runs Python scripts as ``python SCRIPT ARGUMENTS`` would."""

    def __init__(self) -> None:
        root = Path(__file__).resolve().parents[1]
        path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
        self.server = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__],
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200", "MPLBACKEND": "agg"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        """End the process."""
        assert self.server.stdin is not None
        self.server.stdin.close()
        self.server.wait()

    def run(self, words: Sequence[str], cwd: Path, *, fake_tools: Path | None = None) -> Done:
        """Run a script in a folder.

        Args:
            words: The script and its arguments.
            cwd: The folder.
            fake_tools: Folder in place of ``tools`` for what ``tools/experiments.py`` starts.
        """
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        with tempfile.NamedTemporaryFile("r", errors="replace") as log:
            order = {"words": list(words), "cwd": str(cwd), "log": log.name}
            order["fake_tools"] = str(fake_tools or "")
            self.server.stdin.write(json.dumps(order) + "\n")
            self.server.stdin.flush()
            status = int(self.server.stdout.readline())
            return Done(status, log.read())


def serve() -> None:
    """Fork for each line of the standard input; write the exit statuses."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for name in PRELOADED:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()  # no fork walks, and so copies, what was imported
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            execute(**json.loads(line))
            sys.exit()
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def execute(words: list[str], cwd: str, log: str, fake_tools: str) -> Any:
    """Become the command."""
    signal.alarm(SECONDS)
    file = os.open(log, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(cwd)
    sys.argv = words
    sys.path[0] = str(Path(words[0]).resolve().parent)
    if fake_tools:
        from mmaux.experiments import tool_process

        tool_process.TOOLS = Path(fake_tools)
    runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    serve()
