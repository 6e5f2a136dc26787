"""The whole promise on rendered data: render, train two networks, strip one, test, compare.

Every part leaves its result in the demo's folder and is not repeated: ``rooms`` (images),
``constant.json``, a run's folder for each network (:mod:`mmaux.experiments.training_run`),
``report.json`` and ``panel.png``.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmaux.datasets.conversion.rooms import render_rooms
from mmaux.evaluation import best_constants, evaluate_constants
from mmaux.registry import DATASETS, METRICS
from mmaux.utils.files import ensure_writable_dir
from mmaux.utils.progress import progress_bar
from mmaux.utils.shipped_content import CONFIGS
from mmaux.visualization import write_picture

from .comparison_panel import draw_comparison
from .demo_report import DemoReport, make_report
from .run_folder import write_json
from .run_result import RunResult, is_finished
from .schedule import apply_schedule
from .training_run import RunProgress, run_training

NETWORKS = {"joint": "joint_all_mbv2_rooms", "auxi_all": "auxi_all_mbv2_rooms"}
"""Configs by name: the baseline, and the network to compare with it."""

_PANEL_SAMPLES = 3
_PHASES = {
    "wait": "waiting for another process that is at work on it",
    "strip": "removing its auxiliary module, comparing predictions bit by bit",
    "test": "testing",
}


@dataclass(frozen=True)
class DemoSettings:
    """What a demo's folder is for.

    Attributes:
        train: Training images to render.
        test: Test images to render.
        size: (H, W) of the images in pixels.
        seed: Seed of the rooms and of both trainings.
        overrides: Settings of both configs by dotted name, laid over the short schedule.
    """

    train: int = 480
    test: int = 80
    size: tuple[int, int] = (240, 320)
    seed: int = 0
    overrides: Mapping[str, Any] = field(default_factory=dict)


def run_demo(out: str | Path, settings: DemoSettings) -> tuple[DemoReport, Path]:
    """Do what is missing of the demo.

    Args:
        out: Its folder.
        settings: Its settings.

    Returns:
        The report and the picture of a few test images.

    Raises:
        ValueError: The folder holds a demo of other settings, or a setting is out of range.
        ImportError: The renderer is missing; the message has the pip command.
        OutputPathError: The folder cannot be written.
        RunFailedError: A training or a test failed.
    """
    folder = ensure_writable_dir(out)
    _claim(folder / "demo.json", settings)
    render_rooms(
        folder / "rooms",
        train=settings.train,
        test=settings.test,
        seed=settings.seed,
        size=settings.size,
        workers=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
    )
    configs = {name: _config(file, folder, settings) for name, file in NETWORKS.items()}
    baseline, _ = configs.values()
    constant = _constant(folder / "constant.json", baseline)
    results = {
        name: _train(name, config, folder / name, settings.seed) for name, config in configs.items()
    }
    report = make_report(constant, results)
    write_json(folder / "report.json", report.to_dict())
    picture = draw_comparison(
        {name: (result.config, result.checkpoint) for name, result in results.items()},
        samples=range(min(_PANEL_SAMPLES, settings.test)),
    )
    write_picture(folder / "panel.png", picture)
    return report, folder / "panel.png"


def _claim(file: Path, settings: DemoSettings) -> None:
    """Write down what the folder is for, or compare with what is there."""
    wanted = json.loads(json.dumps(asdict(settings), default=str))
    if not file.is_file():
        write_json(file, wanted)
        return
    found = json.loads(file.read_text(encoding="utf-8"))
    if found != wanted:
        different = ", ".join(
            f"{name} {found.get(name)} (now {value})"
            for name, value in wanted.items()
            if found.get(name) != value
        )
        raise ValueError(
            f"{file.parent}: holds a demo of other settings: {different}. Give another folder, or "
            "delete this one."
        )


def _config(name: str, folder: Path, settings: DemoSettings) -> Config:
    config = apply_schedule(Config.fromfile(CONFIGS / f"{name}.py"), "short")
    rooms = str((folder / "rooms").resolve())
    loaders = ("train_dataloader", "val_dataloader", "test_dataloader")
    config.merge_from_dict({f"{loader}.dataset.data_root": rooms for loader in loaders})
    config.merge_from_dict(dict(settings.overrides))
    return config


def _constant(file: Path, config: Config) -> dict[str, float]:
    """Metrics of the best constant prediction."""
    if file.is_file():
        return json.loads(file.read_text(encoding="utf-8"))
    init_default_scope(config.default_scope)
    train = DATASETS.build(config.train_dataloader.dataset)
    test = DATASETS.build(config.test_dataloader.dataset)
    metrics = [METRICS.build(metric) for metric in config.test_evaluator]
    with progress_bar("constant prediction", total=len(train) + len(test)) as advance:
        constants = best_constants(train, metrics, on_sample=advance)
        results = evaluate_constants(constants, test, metrics, on_sample=advance)
    write_json(file, results)
    return results


def _train(name: str, config: Config, folder: Path, seed: int) -> RunResult:
    if is_finished(folder):
        print(f"{name}: trained and tested before, in {folder}", flush=True)
        return run_training(config, folder=folder, seed=seed)
    with _progress_of(name, total=config.train_cfg.max_iters) as show:
        return run_training(config, folder=folder, seed=seed, on_progress=show)


@contextmanager
def _progress_of(name: str, *, total: int) -> Iterator[Callable[[RunProgress], None]]:
    """Progress of a run's training, and a line for each phase after it."""
    with progress_bar(f"training {name}", total=total) as advance:
        done, phase = 0, "train"

        def show(progress: RunProgress) -> None:
            nonlocal done, phase
            for _ in range(progress.done - done):
                advance()
            done = max(done, progress.done)
            if progress.phase != phase and progress.phase in _PHASES:
                print(f"{name}: {_PHASES[progress.phase]}", flush=True)
            phase = progress.phase

        yield show
