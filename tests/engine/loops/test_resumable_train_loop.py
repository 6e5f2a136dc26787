"""The loop in one process; tests of killed processes are in test_exact_resume.py."""

from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from resume_runs import differences, final_state, resumable_run

from mmaux.apis import apply_resume


class Stop(Exception):  # noqa: N818 (a signal, not an error)
    """Ends a run as a kill would."""


class StopAt(Hook):
    """Ends training after an iteration, or in a validation."""

    priority = "LOWEST"

    def __init__(self, iteration: int = -1, validation: int = -1) -> None:
        self.iteration, self.validation = iteration, validation
        self.validations: list[int] = []

    def after_train_iter(self, runner: Runner, batch_idx: int, **_: Any) -> None:
        if batch_idx + 1 == self.iteration:
            raise Stop

    def before_val(self, runner: Runner) -> None:
        self.validations.append(runner.iter)
        if runner.iter == self.validation:
            raise Stop


def run(config: Config, hook: Hook | None = None, *, name: str) -> Runner:
    config = Config(config.to_dict())
    config.experiment_name = f"{Path(config.work_dir).parent.name}_{name}"
    runner = Runner.from_cfg(config)
    if hook is not None:
        runner.register_hook(hook)
    runner.train()
    return runner


def resumed(config: Config) -> Config:
    config = Config(config.to_dict())
    apply_resume(config, "auto")
    assert config.resume
    return config


def test_gradients_of_an_unfinished_accumulation_survive(tmp_path: Path) -> None:
    """Checkpoints after iterations 3 and 9 fall inside accumulations of two."""
    whole = resumable_run(tmp_path / "whole", iterations=8)
    whole.optim_wrapper.accumulative_counts = 2
    run(whole, name="whole")
    parts = resumable_run(tmp_path / "parts", iterations=8)
    parts.optim_wrapper.accumulative_counts = 2
    with pytest.raises(Stop):
        run(parts, StopAt(iteration=4), name="first")
    saved = torch.load(Path(parts.work_dir, "iter_3.pth"), weights_only=False)
    assert saved["accumulated_gradients"]
    run(resumed(parts), name="second")
    assert differences(final_state(parts), final_state(whole)) == []


def test_a_validation_cut_short_is_done_again_and_keeps_its_best(tmp_path: Path) -> None:
    config = resumable_run(tmp_path, iterations=8)
    config.default_hooks.checkpoint.update(interval=4, save_best="depth/rmse", rule="less")
    with pytest.raises(Stop):
        run(config, StopAt(validation=4), name="first")
    hook = StopAt()
    runner = run(resumed(config), hook, name="second")
    assert hook.validations == [4, 8]
    assert Path(runner.message_hub.get_info("best_ckpt")).is_file()


def test_without_a_validation_due_none_is_done_on_resuming(tmp_path: Path) -> None:
    config = resumable_run(tmp_path, iterations=8)
    with pytest.raises(Stop):
        run(config, StopAt(iteration=3), name="first")
    hook = StopAt()
    run(resumed(config), hook, name="second")
    assert hook.validations == [4, 8]


def test_another_batch_size_goes_on_after_the_samples_seen(tmp_path: Path) -> None:
    config = resumable_run(tmp_path, iterations=8)
    with pytest.raises(Stop):
        run(config, StopAt(iteration=6), name="first")
    config.train_dataloader.batch_size = 4
    runner = run(resumed(config), name="second")
    saved = torch.load(Path(config.work_dir, "iter_8.pth"), weights_only=False)
    assert saved["data_position"] == {
        "samples": 6 * 2 + 2 * 4,
        "batch_of_all": 4,
        "dataset_size": 4,
    }
    log = Path(runner.log_dir, f"{runner.timestamp}.log").read_text()
    assert "trained with batch_of_all=2, this run has batch_of_all=4" in log


def test_a_checkpoint_of_another_loop_is_taken_by_its_iteration(tmp_path: Path) -> None:
    config = resumable_run(tmp_path, iterations=6)
    plain = Config(config.to_dict())
    plain.train_cfg.update(type="mmengine.IterBasedTrainLoop", max_iters=3)
    run(plain, name="plain")
    run(resumed(config), name="second")
    saved = torch.load(Path(config.work_dir, "iter_6.pth"), weights_only=False)
    assert saved["data_position"]["samples"] == 6 * 2


def test_weights_to_start_from_bring_no_position(tmp_path: Path) -> None:
    config = resumable_run(tmp_path / "one", iterations=6)
    run(config, name="first")
    other = resumable_run(tmp_path / "two", iterations=6)
    other.load_from = str(Path(config.work_dir, "iter_6.pth"))
    run(other, name="second")
    saved = torch.load(Path(other.work_dir, "iter_6.pth"), weights_only=False)
    assert saved["data_position"]["samples"] == 6 * 2


def test_a_data_loader_object_is_refused(tmp_path: Path) -> None:
    config = resumable_run(tmp_path)
    config.experiment_name = f"{tmp_path.name}_object"
    runner = Runner.from_cfg(config)
    runner._train_dataloader = runner.build_dataloader(config.train_dataloader)
    with pytest.raises(TypeError, match=r"train_dataloader is a DataLoader.*Give one, or use"):
        runner.train()


def test_a_batch_sampler_is_refused(tmp_path: Path) -> None:
    config = resumable_run(tmp_path)
    config.train_dataloader.batch_sampler = {"type": "mmengine.BatchSampler"}
    with pytest.raises(ValueError, match=r"train_dataloader\.batch_sampler may hold samples back"):
        run(config, name="refused")
