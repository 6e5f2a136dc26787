"""One training with its test, recorded in a folder and never repeated.

A run's folder holds, as JSON, ``run.json`` (config, overrides, seed), ``environments.json``
(versions, hardware and revision, one entry for each change of them), ``clock.json`` (duration),
``curves.json`` (every logged scalar over the iterations) and last of all ``result.json`` with the
metrics, whose presence marks the run as finished. Beside them are ``config.py``, the logs, and the
work folders ``training``, ``stripped`` and ``test``.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmaux.utils.checkpoint_files import is_intact, numbered_checkpoints
from mmaux.utils.files import atomic_write, ensure_writable_dir

from .run_folder import RunClock, claim_folder, read_clock, record_environment, write_json
from .run_result import RunResult, is_finished, read_result, write_result
from .scalars import last_step, read_scalars
from .tool_process import RunFailedError, folder_lock, run_tool


@dataclass(frozen=True)
class RunProgress:
    """How far a run is.

    Attributes:
        phase: ``'wait'`` (another process is at work in the folder), ``'train'``, ``'strip'`` or
            ``'test'``.
        done: Iterations that the training has logged.
        total: Iterations of the training.
    """

    phase: str
    done: int
    total: int


def run_training(
    config: Config,
    *,
    folder: str | os.PathLike[str],
    seed: int = 0,
    overrides: Mapping[str, Any] | None = None,
    load_from: str | os.PathLike[str] | None = None,
    data: Mapping[str, Any] | None = None,
    on_progress: Callable[[RunProgress], None] | None = None,
) -> RunResult:
    """Train, take the auxiliary module out, test; or return what was done before.

    Called again after an interruption of any kind, it goes on from the last whole checkpoint. The
    steps run as processes of their own (``tools/train.py``, ``tools/model_converters/
    remove_auxiliary.py`` where the network has an auxiliary module, ``tools/test.py``).

    Args:
        config: A training config, read from a file; not changed.
        folder: The run's folder, made if missing.
        seed: Seed of mmengine's ``randomness``.
        overrides: Settings by dotted name, as ``--cfg-options`` takes them.
        load_from: Checkpoint to start from, in place of the config's. It is remembered relative to
            the folder, so that runs which start from each other may be moved together.
        data: What identifies the data beside their place, such as their number; another one at the
            same place then counts as another run.
        on_progress: Called about twice a second. What it raises ends the run's processes.

    Returns:
        The result.

    Raises:
        RunFolderError: The folder holds a run of another config, seed, overrides, start or data.
        RunFailedError: A step failed.
        FileNotFoundError: There is no file at ``load_from``.
        OutputPathError: The folder cannot be written.
    """
    folder = ensure_writable_dir(folder).resolve()
    overrides = dict(overrides or {})
    settled = _settle(config, seed=seed, overrides=overrides)
    name = Path(config.filename).stem if config.filename else "config"
    run = {"name": name, "seed": seed, "overrides": overrides, "config": settled.to_dict()}
    if data is not None:
        run["data"] = dict(data)
    if load_from is not None:
        start = Path(load_from).resolve()
        run["load_from"] = os.path.relpath(start, folder)
        settled.load_from = str(start)
    steps = _Steps(folder, settled, name=name, seed=seed, on_progress=on_progress)
    with folder_lock(folder, on_wait=lambda: steps.report("wait")) as lock:
        claim_folder(folder, run)
        if not is_finished(folder):
            if load_from is not None and not start.is_file():
                raise FileNotFoundError(f"load_from: there is no checkpoint '{start}'.")
            record_environment(folder)
            write_result(folder, steps.run(lock))
    return read_result(folder)


def _settle(config: Config, *, seed: int, overrides: dict[str, Any]) -> Config:
    settled = Config(config.to_dict(), filename=config.filename)
    settled.merge_from_dict(overrides)
    settled.merge_from_dict({"randomness.seed": seed})
    for key in ("work_dir", "resume", "launcher"):
        settled.pop(key, None)
    return settled


class _Steps:
    """Training, stripping and testing of one run."""

    def __init__(
        self,
        folder: Path,
        config: Config,
        *,
        name: str,
        seed: int,
        on_progress: Callable[[RunProgress], None] | None,
    ) -> None:
        self.folder = folder
        self.config = config
        self.name = name
        self.seed = seed
        self.total = int(config.train_cfg.max_iters)
        self.on_progress = on_progress
        self.training = folder / "training"

    def report(self, phase: str) -> None:
        """Tell the caller how far the run is."""
        if self.on_progress is not None:
            done = self.total if phase in ("strip", "test") else last_step(self.training)
            self.on_progress(RunProgress(phase, min(done, self.total), self.total))

    def run(self, lock: int) -> RunResult:
        """Do what is missing."""
        config = self.folder / "config.py"
        with atomic_write(config, "w") as file:
            file.write(self.config.pretty_text)
        trained = self._train(config, lock)
        curves = {name: asdict(series) for name, series in read_scalars(self.training).items()}
        write_json(self.folder / "curves.json", curves)
        tested_config, tested = self._strip(config, trained, lock)
        test = self.folder / "test"
        shutil.rmtree(test, ignore_errors=True)
        self._tool("test", "test.py", [tested_config, tested, "--work-dir", test], lock)
        seconds = read_clock(self.folder)
        return RunResult(
            name=self.name,
            seed=self.seed,
            iterations=self.total,
            train_seconds=seconds.get("train", 0.0),
            test_seconds=seconds.get("test", 0.0),
            metrics=_read_metrics(test),
            config=tested_config,
            checkpoint=tested,
            trained_config=config,
            trained_checkpoint=trained,
        )

    def _train(self, config: Path, lock: int) -> Path:
        checkpoint = last_checkpoint(self.training)
        if checkpoint is None or _iteration(checkpoint) < self.total:
            resume = [] if checkpoint is None else ["--resume", checkpoint]
            arguments = [config, "--work-dir", self.training, *resume]
            self._tool("train", "train.py", arguments, lock)
            checkpoint = last_checkpoint(self.training)
        if checkpoint is None or _iteration(checkpoint) != self.total:
            raise RunFailedError(
                f"training ended without its checkpoint iter_{self.total}.pth in "
                f"'{self.training}' (the last is {checkpoint}); the config's CheckpointHook must "
                f"save the last iteration. The log: {self.folder / 'train.log'}"
            )
        return checkpoint

    def _strip(self, config: Path, checkpoint: Path, lock: int) -> tuple[Path, Path]:
        if self.config.model.get("auxiliary") is None:
            return config, checkpoint
        out = self.folder / "stripped"
        arguments = [config, checkpoint, "--out", out]
        self._tool("strip", "model_converters/remove_auxiliary.py", arguments, lock)
        return out / config.name, out / checkpoint.name

    def _tool(self, phase: str, tool: str, arguments: list[Any], lock: int) -> None:
        clock = RunClock(self.folder, phase)

        def on_poll() -> None:
            clock.tick()
            self.report(phase)

        self.report(phase)
        log = self.folder / f"{phase}.log"
        run_tool(tool, *arguments, log=log, on_poll=on_poll, lock=lock)
        clock.stop()
        self.report(phase)


def last_checkpoint(work_dir: Path) -> Path | None:
    """The latest whole checkpoint of a work folder, whatever hook saved it there."""
    return next((path for path in numbered_checkpoints(work_dir) if is_intact(path)), None)


def _iteration(checkpoint: Path) -> int:
    return int(checkpoint.stem.removeprefix("iter_"))


def _read_metrics(work_dir: Path) -> dict[str, float]:
    """Values of the one test in a work folder; times of the loop are left out."""
    files = [file for file in work_dir.glob("*/*.json") if file.stem == file.parent.name]
    if len(files) != 1:
        raise RunFailedError(f"expected one file of results in '{work_dir}', found {len(files)}.")
    content = json.loads(files[0].read_text(encoding="utf-8"))
    return {name: float(value) for name, value in content.items() if "/" in name}
