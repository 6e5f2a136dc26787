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
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmaux.utils.files import atomic_write, ensure_writable_dir

from .run_environment import current_environment
from .scalars import last_step, read_scalars
from .tool_process import RunFailedError, folder_lock, run_tool

__all__ = [
    "RunFailedError",
    "RunFolderError",
    "RunProgress",
    "RunResult",
    "is_finished",
    "read_result",
    "run_training",
]

_CLOCK_SECONDS = 5.0
_SHOWN_DIFFERENCES = 8


class RunFolderError(ValueError):
    """A folder holds another run than the one asked for, or no finished one."""


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


@dataclass(frozen=True)
class RunResult:
    """What a finished run gave.

    Attributes:
        name: Name of the config.
        seed: Seed of the run.
        iterations: Length of the training.
        train_seconds: Duration of the training, all its starts together.
        test_seconds: Duration of the test.
        metrics: Values of the test by metric name, ``{'semseg/mIoU': 41.2, ...}``.
        config: The tested network's config, without its auxiliary module.
        checkpoint: The tested checkpoint.
        trained_config: The config that was trained.
        trained_checkpoint: Checkpoint at the end of training; other runs may start from it.
    """

    name: str
    seed: int
    iterations: int
    train_seconds: float
    test_seconds: float
    metrics: dict[str, float]
    config: Path
    checkpoint: Path
    trained_config: Path
    trained_checkpoint: Path


_PATHS = ("config", "checkpoint", "trained_config", "trained_checkpoint")


def is_finished(folder: str | os.PathLike[str]) -> bool:
    """Whether the folder holds a finished run."""
    return (Path(folder) / "result.json").is_file()


def read_result(folder: str | os.PathLike[str]) -> RunResult:
    """The result of a finished run; its files are stored relative to the folder, which may move.

    Raises:
        RunFolderError: The run is not finished, or its result cannot be read.
    """
    folder = Path(folder)
    if not is_finished(folder):
        raise RunFolderError(f"'{folder}' holds no finished run (there is no result.json in it).")
    try:
        content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        return RunResult(**{**content, **{name: folder / content[name] for name in _PATHS}})
    except (ValueError, TypeError, KeyError) as error:
        raise RunFolderError(
            f"'{folder / 'result.json'}' is no result of a run ({error}); remove it, and the run "
            "is tested again."
        ) from error


def run_training(
    config: Config,
    *,
    folder: str | os.PathLike[str],
    seed: int = 0,
    overrides: Mapping[str, Any] | None = None,
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
        on_progress: Called about twice a second.

    Returns:
        The result.

    Raises:
        RunFolderError: The folder holds a run of another config, seed or overrides.
        RunFailedError: A step failed.
        OutputPathError: The folder cannot be written.
    """
    folder = ensure_writable_dir(folder).resolve()
    settled = _settle(config, seed=seed, overrides=overrides or {})
    name = Path(config.filename).stem if config.filename else "config"
    run = {"name": name, "seed": seed, "overrides": dict(overrides or {})}
    steps = _Steps(folder, settled, name=name, seed=seed, on_progress=on_progress)
    with folder_lock(folder, on_wait=lambda: steps.report("wait")) as lock:
        _claim(folder, _plain({**run, "config": settled.to_dict()}))
        if not is_finished(folder):
            steps.run(lock)
    return read_result(folder)


def _settle(config: Config, *, seed: int, overrides: Mapping[str, Any]) -> Config:
    settled = Config(config.to_dict(), filename=config.filename)
    settled.merge_from_dict(dict(overrides))
    settled.setdefault("randomness", {})
    settled.randomness["seed"] = seed
    for key in ("work_dir", "resume", "launcher"):
        settled.pop(key, None)
    return settled


def _claim(folder: Path, run: dict[str, Any]) -> None:
    """Write down what the folder is for, or compare with what is there."""
    file = folder / "run.json"
    if not file.is_file():
        _write_json(file, run)
        return
    found = json.loads(file.read_text(encoding="utf-8"))
    if found == run:
        return
    different = list(_differences(found, run))
    lines = [f"  {name}: there {old!r}, asked for {new!r}" for name, old, new in different]
    more = len(lines) - _SHOWN_DIFFERENCES
    lines[_SHOWN_DIFFERENCES:] = [f"  and {more} more"] if more > 0 else []
    raise RunFolderError(
        f"'{folder}' holds another run:\n" + "\n".join(lines) + "\nGive another folder, or remove "
        "that one to run anew."
    )


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

    def run(self, lock: int) -> None:
        """Do what is missing."""
        config_file = self.folder / "config.py"
        with atomic_write(config_file, "w") as file:
            file.write(self.config.pretty_text)
        _record_environment(self.folder)
        trained = last_checkpoint(self.training)
        if trained is None or _iteration(trained) < self.total:
            resume = [] if trained is None else ["--resume", str(trained)]
            arguments = [config_file, "--work-dir", self.training, *resume]
            self._tool("train", "train.py", arguments, lock)
            trained = last_checkpoint(self.training)
        if trained is None or _iteration(trained) != self.total:
            raise RunFailedError(
                f"training ended without its checkpoint iter_{self.total}.pth in "
                f"'{self.training}' (the last is {trained}); the config's CheckpointHook must save "
                f"the last iteration. The log: {self.folder / 'train.log'}"
            )
        _write_json(
            self.folder / "curves.json",
            {name: asdict(series) for name, series in read_scalars(self.training).items()},
        )
        tested_config, tested = config_file, trained
        if self.config.model.get("auxiliary") is not None:
            out = self.folder / "stripped"
            arguments = [config_file, trained, "--out", out]
            self._tool("strip", "model_converters/remove_auxiliary.py", arguments, lock)
            tested_config, tested = out / config_file.name, out / trained.name
        test = self.folder / "test"
        shutil.rmtree(test, ignore_errors=True)
        self._tool("test", "test.py", [tested_config, tested, "--work-dir", test], lock)
        files = (tested_config, tested, config_file, trained)
        seconds = _read_clock(self.folder)
        _write_json(
            self.folder / "result.json",
            {
                "name": self.name,
                "seed": self.seed,
                "iterations": self.total,
                "train_seconds": seconds.get("train", 0.0),
                "test_seconds": seconds.get("test", 0.0),
                "metrics": _read_metrics(test),
                **{k: str(f.relative_to(self.folder)) for k, f in zip(_PATHS, files, strict=True)},
            },
        )

    def _tool(self, phase: str, tool: str, arguments: list[Any], lock: int) -> None:
        """Run a step; its duration is added up over all starts, to a few seconds if killed."""
        seconds = _read_clock(self.folder)
        before, start, written = seconds.get(phase, 0.0), time.monotonic(), 0.0
        self.report(phase)

        def write_clock() -> None:
            seconds[phase] = before + time.monotonic() - start
            _write_json(self.folder / "clock.json", seconds)

        def on_poll() -> None:
            nonlocal written
            self.report(phase)
            if time.monotonic() - written > _CLOCK_SECONDS:
                write_clock()
                written = time.monotonic()

        log = self.folder / f"{phase}.log"
        run_tool(tool, *arguments, log=log, on_poll=on_poll, lock=lock)
        write_clock()
        self.report(phase)


def last_checkpoint(work_dir: Path) -> Path | None:
    """The latest whole ``iter_N.pth`` of a work folder.

    A kill while mmengine saves leaves a cut file; its end, the table of the ZIP archive that a
    checkpoint is, is then missing.
    """
    files = sorted(work_dir.glob("iter_*.pth"), key=_iteration, reverse=True)
    return next((file for file in files if zipfile.is_zipfile(file)), None)


def _iteration(checkpoint: Path) -> int:
    return int(checkpoint.stem.removeprefix("iter_"))


def _read_metrics(work_dir: Path) -> dict[str, float]:
    """Values of the one test in a work folder; times of the loop are left out."""
    files = [file for file in work_dir.glob("*/*.json") if file.stem == file.parent.name]
    if len(files) != 1:
        raise RunFailedError(f"expected one file of results in '{work_dir}', found {len(files)}.")
    content = json.loads(files[0].read_text(encoding="utf-8"))
    return {name: float(value) for name, value in content.items() if "/" in name}


def _record_environment(folder: Path) -> None:
    file = folder / "environments.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    here = _plain(current_environment().to_dict())
    if not known or known[-1] != here:
        _write_json(file, [*known, here])


def _read_clock(folder: Path) -> dict[str, float]:
    file = folder / "clock.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _write_json(path: Path, content: Any) -> None:
    with atomic_write(path, "w") as file:
        json.dump(content, file, indent=1)


def _plain(content: Any) -> Any:
    """As it comes back from JSON: tuples are lists, keys are strings."""
    return json.loads(json.dumps(content, default=str))


def _differences(there: Any, here: Any, path: str = "") -> Any:
    if isinstance(there, dict) and isinstance(here, dict):
        for key in dict.fromkeys([*there, *here]):
            name = f"{path}.{key}" if path else str(key)
            yield from _differences(there.get(key), here.get(key), name)
    elif there != here:
        yield path, there, here
