"""Real processes, killed at any moment, end with the weights of an uninterrupted run."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from mmengine.config import Config
from resume_runs import differences, final_state, resumable_run

TESTS = Path(__file__).parents[2]


class Trainer:
    """Runs of one config after another, each in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def start(self, config: Config, mode: str) -> int:
        file = Path(config.work_dir).with_suffix(".py")
        config.dump(file)
        print(file, mode, file=self.process.stdin, flush=True)
        return self.number()

    def number(self) -> int:
        """The next number that it writes; OneDL's mmseg prints lines when it is imported."""
        lines = iter(self.process.stdout.readline, "")
        return int(next(line for line in lines if re.fullmatch(r"-?\d+\n", line)))

    def finish(self, config: Config, mode: str = "start") -> None:
        self.start(config, mode)
        assert self.number() == 0, Path(config.work_dir, "output").read_text()[-3000:]

    def kill(self, config: Config, moment: Callable[[list[str]], bool]) -> list[str]:
        """Start or resume, and kill when the run's events have come to a moment."""
        events = Path(config.work_dir, "events")
        events.unlink(missing_ok=True)
        mode = "resume" if Path(config.work_dir).exists() else "start"
        child = self.start(config, mode)
        seen: list[str] = []
        deadline = time.monotonic() + 120
        while not moment(seen) and time.monotonic() < deadline:
            time.sleep(0.002)
            with suppress(FileNotFoundError):
                seen = events.read_text().splitlines()
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        assert self.number() == -signal.SIGKILL, (seen, Path(config.work_dir, "output").read_text())
        return seen


@pytest.fixture(scope="module")
def trainer() -> Iterator[Trainer]:
    path = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, str(TESTS / "fork_trainer.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        yield Trainer(process)
        process.stdin.close()


@pytest.fixture(scope="module")
def uninterrupted(trainer: Trainer, tmp_path_factory: pytest.TempPathFactory) -> dict:
    config = resumable_run(tmp_path_factory.mktemp("whole"))
    trainer.finish(config)
    return final_state(config)


def saves(number: int) -> Callable[[list[str]], bool]:
    """While the file of that number is written: checkpoints and ``last_checkpoint`` in turn."""
    return lambda seen: seen.count("save") >= number


def validates(seen: list[str]) -> bool:
    return "validation" in seen


def trains(number: int) -> Callable[[list[str]], bool]:
    return lambda seen: sum(event.startswith("iteration") for event in seen) >= number


def after(seconds: float) -> Callable[[list[str]], bool]:
    """That long after the first iteration began."""
    begun: list[float] = []

    def moment(seen: list[str]) -> bool:
        if seen and not begun:
            begun.append(time.monotonic())
        return bool(begun) and time.monotonic() - begun[0] >= seconds

    return moment


@pytest.mark.parametrize("workers", [0, 2])
def test_killed_run_ends_like_an_uninterrupted_one(
    trainer: Trainer, uninterrupted: dict, tmp_path: Path, workers: int
) -> None:
    config = resumable_run(tmp_path, workers=workers)
    chance = random.Random(workers)
    moments = [
        trains(2),
        saves(1),  # the first checkpoint, of which nothing must be resumed
        saves(2),  # between a checkpoint and last_checkpoint
        validates,
        *(after(chance.uniform(0, 0.4)) for _ in range(3)),
        saves(3),
        validates,
        trains(4),
    ]
    for moment in moments:
        trainer.kill(config, moment)
    trainer.finish(config, "resume")
    assert differences(final_state(config), uninterrupted) == []
    assert not list(Path(config.work_dir).glob(".*.part"))
    kept = sorted(path.name for path in Path(config.work_dir).glob("*.pth"))
    assert kept == ["iter_12.pth", "iter_9.pth"]
