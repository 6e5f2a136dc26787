"""The train command itself, killed at random moments; the quick form is test_exact_resume.py."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mmengine.config import Config
from resume_runs import differences, final_state
from room_folder import write_room
from small_runs import CONFIGS, REPOSITORY, small_options

KILLS = 10

pytestmark = pytest.mark.slow


def run_config(folder: Path, *, workers: int) -> Config:
    """A shipped config with what a resume could forget, EMA among it."""
    if not (folder / "room").exists():
        write_room(folder / "room")
    config = Config.fromfile(CONFIGS / "auxi_all_mbv2_rooms.py")
    config.merge_from_dict(small_options(config, folder / "room", iterations=60))
    config.train_dataloader.num_workers = workers
    config.train_dataloader.persistent_workers = workers > 0
    config.train_cfg.val_interval = 10
    config.default_hooks.checkpoint.update(interval=4, max_keep_ckpts=1)
    config.custom_hooks.append({"type": "mmengine.EMAHook"})
    config.work_dir = str(folder / f"work_{workers}")
    return config


def start(config: Config, *options: str) -> subprocess.Popen[bytes]:
    file = Path(config.work_dir).with_suffix(".py")
    config.dump(file)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "tools" / "train.py"), str(file), *options],
        cwd=file.parent,
        env=environment,
        stdout=file.with_suffix(".log").open("w"),
        stderr=subprocess.STDOUT,
    )


def finish(config: Config, *options: str) -> None:
    with start(config, *options) as process:
        status = process.wait(600)
    assert status == 0, Path(config.work_dir).with_suffix(".log").read_text()[-3000:]


@pytest.mark.parametrize("workers", [0, 2])
def test_training_killed_ten_times_ends_with_the_same_weights(tmp_path: Path, workers: int) -> None:
    whole = run_config(tmp_path, workers=0)
    whole.work_dir = str(tmp_path / "whole")
    begun = time.monotonic()
    finish(whole)
    duration = time.monotonic() - begun

    config = run_config(tmp_path, workers=workers)
    chance = random.Random(workers)
    moments = [chance.uniform(0, 0.35 * duration) for _ in range(KILLS)]
    killed = 0
    for moment in moments:
        with start(config, "--resume") as process:
            try:
                process.wait(moment)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                killed += process.wait() == -signal.SIGKILL
    print(f"{killed} kills after {[round(moment, 1) for moment in moments]} s")
    assert killed == KILLS, "the run ended before a kill; make it longer"
    finish(config, "--resume")
    assert differences(final_state(config), final_state(whole)) == []
