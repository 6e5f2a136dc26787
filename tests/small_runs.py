"""Shipped configs on small data, and the commands as a user runs them."""

import atexit
import functools
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forked_commands import ForkedCommands
from mmengine.config import Config

REPOSITORY = Path(__file__).resolve().parents[1]
CONFIGS = REPOSITORY / "configs"


def small_options(config: Config, root: Path, *, iterations: int = 1) -> dict[str, Any]:
    """Settings by dotted name: the data at ``root``, batches of 2, crops of 129, no download."""
    options: dict[str, Any] = {
        "model.backbone.init_cfg": None,
        "load_from": None,
        "model.data_preprocessor.size": (129, 129),
        "train_dataloader.batch_size": 2,
        "train_cfg.max_iters": iterations,
        "train_cfg.val_interval": iterations,
        "default_hooks.checkpoint.interval": iterations,
        "default_hooks.logger.interval": 1,
    }
    for loader in ("train_dataloader", "val_dataloader", "test_dataloader"):
        options[f"{loader}.num_workers"] = 0
        options[f"{loader}.persistent_workers"] = False
        options[f"{loader}.dataset.data_root"] = str(root)
    changes = {
        "mmcv.RandomResize": ("scale", (128, 96)),
        "mmaux.RandomCrop": ("crop_size", (129, 129)),
    }
    for index, transform in enumerate(config.train_dataloader.dataset.pipeline):
        if transform["type"] in changes:
            name, value = changes[transform["type"]]
            options[f"train_dataloader.dataset.pipeline.{index}.{name}"] = value
    return options


def as_arguments(options: Mapping[str, Any]) -> list[str]:
    """As ``--cfg-options`` takes them."""
    texts = (str(value).replace(" ", "") for value in options.values())
    return ["--cfg-options", *(f"{k}={v}" for k, v in zip(options, texts, strict=True))]


def run_tool(
    tool: str | Path, *arguments: str | Path, cwd: Path, fails: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command of the checkout in another folder; both outputs together."""
    words = [str(REPOSITORY / "tools" / tool), *map(str, arguments)]
    done = forked_commands().run(words, cwd)
    assert (done.status != 0) == fails, done.output[-6000:]
    return subprocess.CompletedProcess(words, done.status, done.output)


@functools.cache
def forked_commands() -> ForkedCommands:
    """The commands of this test process."""
    commands = ForkedCommands()
    atexit.register(commands.close)
    return commands


def run_script(script: Path, *arguments: str, cwd: Path) -> str:
    """Run another project's script in a process of its own, which imports nothing beforehand."""
    path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def listen_to_interrupts() -> None:
    """For ``preexec_fn``: a shell starts what runs in its background deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
