import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_tools import final_state, write_config, write_fake_tools
from mmengine.config import Config

from mmaux.experiments import (
    RunFailedError,
    RunFolderError,
    is_finished,
    read_result,
    run_training,
    tool_process,
)
from mmaux.experiments.training_run import last_checkpoint


@pytest.fixture(autouse=True)
def fake_tools(tmp_path, monkeypatch):
    tools = write_fake_tools(tmp_path / "tools")
    monkeypatch.setattr(tool_process, "TOOLS", tools)
    return tools


def load(tmp_path, **settings):
    return Config.fromfile(write_config(tmp_path, **settings))


def test_what_a_run_leaves_behind(tmp_path):
    config = load(tmp_path, auxiliary={"type": "mmaux.X"})
    seen = []
    folder = tmp_path / "run"
    result = run_training(
        config,
        folder=folder,
        seed=4,
        overrides={"optim_wrapper.optimizer.lr": 0.2},
        on_progress=seen.append,
    )
    assert is_finished(folder)
    assert read_result(folder) == result
    assert (result.name, result.seed, result.iterations) == ("small", 4, 3)
    state = final_state(4, 3)
    assert result.metrics == {
        "semseg/mIoU": 20 + state / 100,
        "depth/rmse": 1 + state / 1009,
        "depth/abs_rel": 0.2 + state / 5000,
    }
    assert result.trained_checkpoint == folder / "training/iter_3.pth"
    assert result.checkpoint == folder / "stripped/iter_3.pth"
    assert 0 < result.train_seconds < 60
    run = json.loads((folder / "run.json").read_text())
    assert run["overrides"] == {"optim_wrapper.optimizer.lr": 0.2}
    assert run["config"]["optim_wrapper"] == {"optimizer": {"lr": 0.2}}
    assert run["config"]["randomness"] == {"seed": 4}
    assert Config.fromfile(folder / "config.py").to_dict() == run["config"]
    (environment,) = json.loads((folder / "environments.json").read_text())
    assert environment["python"] == sys.version.split()[0]
    assert environment["cores"] >= 1
    curves = json.loads((folder / "curves.json").read_text())
    assert curves["loss"] == {"steps": [1, 2, 3], "values": [2.0, 1.5, 1 + 1 / 3]}
    assert (seen[0].phase, seen[0].done, seen[0].total) == ("train", 0, 3)
    assert list(dict.fromkeys(p.phase for p in seen)) == ["train", "strip", "test"]
    assert (seen[-1].done, seen[-1].total) == (3, 3)
    assert config.optim_wrapper.optimizer.lr == 0.1
    assert "randomness" not in config


def test_without_an_auxiliary_module_the_trained_checkpoint_is_tested(tmp_path):
    result = run_training(load(tmp_path), folder=tmp_path / "run")
    assert result.checkpoint == result.trained_checkpoint
    assert not (tmp_path / "run/strip.log").exists()


def test_a_finished_run_starts_no_process(tmp_path, fake_tools):
    config = load(tmp_path)
    first = run_training(config, folder=tmp_path / "run")
    shutil.rmtree(fake_tools)
    assert run_training(config, folder=tmp_path / "run") == first


@pytest.mark.parametrize(
    ("asked", "difference"),
    [
        ({"seed": 1}, "seed: there 0, asked for 1"),
        ({"overrides": {"model.factor": 2}}, "config.model.factor: there None, asked for 2"),
    ],
)
def test_a_foreign_folder_is_refused(tmp_path, asked, difference):
    config = load(tmp_path)
    first = run_training(config, folder=tmp_path / "run")
    with pytest.raises(RunFolderError, match="holds another run") as error:
        run_training(config, folder=tmp_path / "run", **asked)
    assert difference in str(error.value)
    assert read_result(tmp_path / "run") == first


def test_a_changed_config_is_refused_before_the_run_is_finished(tmp_path):
    with pytest.raises(RunFailedError):
        run_training(load(tmp_path, fails_at=2), folder=tmp_path / "run")
    with pytest.raises(RunFolderError, match=r"config.model.fails_at: there 2, asked for 3"):
        run_training(load(tmp_path, fails_at=3), folder=tmp_path / "run")


def test_a_failure_shows_the_end_of_the_log_and_its_path(tmp_path):
    with pytest.raises(RunFailedError) as error:
        run_training(load(tmp_path, fails_at=2), folder=tmp_path / "run")
    message = str(error.value)
    assert message.startswith("train.py ended with exit status 3")
    assert "the last words" in message
    assert message.endswith(f"The whole log: {tmp_path / 'run/train.log'}")
    assert not is_finished(tmp_path / "run")


def test_it_goes_on_from_the_last_whole_checkpoint(tmp_path):
    config = load(tmp_path, iterations=4)
    whole = run_training(config, folder=tmp_path / "whole")
    run_training(config, folder=tmp_path / "cut")
    training = tmp_path / "cut/training"
    (tmp_path / "cut/result.json").unlink()
    (training / "iter_4.pth").unlink()
    content = (training / "iter_3.pth").read_bytes()
    (training / "iter_3.pth").write_bytes(content[: len(content) // 2])
    assert last_checkpoint(training) == training / "iter_2.pth"
    assert run_training(config, folder=tmp_path / "cut").metrics == whole.metrics
    assert "training from 2" in (tmp_path / "cut/train.log").read_text()
    assert (tmp_path / "cut/curves.json").read_text() == (
        tmp_path / "whole/curves.json"
    ).read_text()


def test_it_starts_from_another_run_and_both_may_move(tmp_path):
    config = load(tmp_path, factor=5)
    first = run_training(config, folder=tmp_path / "out/first", seed=7)

    def second(out):
        return run_training(
            config,
            folder=out / "second",
            seed=1,
            load_from=read_result(out / "first").trained_checkpoint,
        )

    result = second(tmp_path / "out")
    start = final_state(7, 3, factor=5)
    assert first.metrics["semseg/mIoU"] == 20 + start / 100
    assert result.metrics["semseg/mIoU"] == 20 + final_state(1, 3, start=start, factor=5) / 100
    shutil.move(tmp_path / "out", tmp_path / "moved")
    moved = second(tmp_path / "moved")
    assert moved.metrics == result.metrics
    assert moved.checkpoint == tmp_path / "moved/second/training/iter_3.pth"
    with pytest.raises(RunFolderError, match=r"load_from: there '../first/training/iter_3.pth'"):
        run_training(
            config, folder=tmp_path / "moved/second", seed=1, load_from=tmp_path / "other.pth"
        )


def test_a_missing_start_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"load_from: there is no checkpoint .*absent.pth"):
        run_training(load(tmp_path), folder=tmp_path / "run", load_from=tmp_path / "absent.pth")


def test_a_training_that_leaves_no_last_checkpoint_is_an_error(tmp_path, fake_tools):
    (fake_tools / "train.py").write_text("print('nothing to do')")
    with pytest.raises(RunFailedError, match=r"ended without its checkpoint iter_3\.pth"):
        run_training(load(tmp_path), folder=tmp_path / "run")


def test_an_error_in_the_callback_ends_the_process(tmp_path):
    def stop(progress):
        if progress.done:
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_training(
            load(tmp_path, iterations=400, seconds=0.1), folder=tmp_path / "run", on_progress=stop
        )
    assert time.monotonic() - start < 20
    count = len(list((tmp_path / "run/training").glob("*.pth")))
    time.sleep(0.5)
    assert len(list((tmp_path / "run/training").glob("*.pth"))) == count


@pytest.mark.parametrize("content", ["{", "[]", '{"name": "x"}'])
def test_a_broken_result_says_what_to_do(tmp_path, content):
    (tmp_path / "result.json").write_text(content)
    with pytest.raises(RunFolderError, match=r"result\.json' is no result of a run.*tested again"):
        read_result(tmp_path)


def test_no_result(tmp_path):
    assert not is_finished(tmp_path)
    with pytest.raises(RunFolderError, match="holds no finished run"):
        read_result(tmp_path)


DRIVER = """
import sys
from pathlib import Path
from mmengine.config import Config
from mmaux.experiments import run_training, tool_process
tool_process.TOOLS = Path(sys.argv[1])
run_training(Config.fromfile(sys.argv[2]), folder=sys.argv[3])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs PR_SET_PDEATHSIG")
def test_after_a_kill_nothing_goes_on_and_the_result_is_the_same(tmp_path, fake_tools):
    """Kill -9 of the caller alone, while the training is at work."""
    file = write_config(tmp_path, iterations=12, seconds=0.1)
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    repository = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, driver, fake_tools, file, tmp_path / "run"],
        env={**os.environ, "PYTHONPATH": str(repository)},
    )
    training = tmp_path / "run/training"
    deadline = time.monotonic() + 120
    while not (training / "iter_3.pth").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.3)
    count = len(list(training.glob("*.pth")))
    time.sleep(0.5)
    assert len(list(training.glob("*.pth"))) == count < 12
    result = run_training(Config.fromfile(file), folder=tmp_path / "run")
    assert result.metrics["semseg/mIoU"] == 20 + final_state(0, 12) / 100
    assert (tmp_path / "run/train.log").read_text().count("training from") == 2


def test_who_comes_second_waits_for_the_first(tmp_path, fake_tools):
    file = write_config(tmp_path, iterations=10, seconds=0.2)
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    repository = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, driver, fake_tools, file, tmp_path / "run"],
        env={**os.environ, "PYTHONPATH": str(repository)},
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / "run/training/iter_1.pth").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    phases = []
    result = run_training(
        Config.fromfile(file), folder=tmp_path / "run", on_progress=lambda p: phases.append(p.phase)
    )
    assert process.wait(30) == 0
    assert set(phases) == {"wait"}
    assert result.metrics["semseg/mIoU"] == 20 + final_state(0, 10) / 100
    assert (tmp_path / "run/train.log").read_text().count("training from") == 1
