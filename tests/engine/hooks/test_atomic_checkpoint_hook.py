from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from run_configs import small_run

from mmaux.engine.hooks import AtomicCheckpointHook, atomic_checkpoint_hook


def config_of(folder: Path, **checkpoint: object) -> Config:
    config = small_run(folder, iterations=4)
    config.default_hooks.checkpoint.update(interval=1, **checkpoint)
    config.val_dataloader = config.val_cfg = config.val_evaluator = None
    return config


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.pth"))


def test_the_oldest_goes_only_when_the_new_one_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    steps: list[tuple[str, list[str]]] = []
    remove, point = AtomicCheckpointHook._remove, atomic_checkpoint_hook.point_to

    def note_removal(hook: AtomicCheckpointHook, name: str) -> None:
        steps.append((f"remove {name}", names(work)))
        remove(hook, name)

    def note_pointing(folder: str, checkpoint: str) -> None:
        point(folder, checkpoint)
        steps.append((f"point to {Path(checkpoint).name}", names(work)))

    monkeypatch.setattr(AtomicCheckpointHook, "_remove", note_removal)
    monkeypatch.setattr(atomic_checkpoint_hook, "point_to", note_pointing)
    Runner.from_cfg(config_of(tmp_path, max_keep_ckpts=1)).train()
    assert steps[:3] == [
        ("point to iter_1.pth", ["iter_1.pth"]),
        ("point to iter_2.pth", ["iter_1.pth", "iter_2.pth"]),
        ("remove iter_1.pth", ["iter_1.pth", "iter_2.pth"]),
    ]
    assert names(work) == ["iter_4.pth"]
    assert (work / "last_checkpoint").read_text() == str(work / "iter_4.pth")


def test_a_failed_write_leaves_the_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        if (tmp_path / "work" / "iter_2.pth").is_file():
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("mmaux.utils.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Runner.from_cfg(config_of(tmp_path, max_keep_ckpts=1)).train()
    assert "iter_1.pth" in names(tmp_path / "work")
    assert not list((tmp_path / "work").glob(".*.part"))


def test_a_fresh_run_forgets_an_earlier_one(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "last_checkpoint").write_text("iter_500.pth")
    (work / ".iter_500.pth.1-ab.part").write_bytes(b"half")
    config = config_of(tmp_path)
    config.default_hooks.checkpoint.interval = 100
    config.default_hooks.checkpoint.save_last = False
    Runner.from_cfg(config).train()
    assert not (work / "last_checkpoint").exists()
    assert not list(work.glob(".*.part"))


def test_another_folder_for_checkpoints(tmp_path: Path) -> None:
    Runner.from_cfg(config_of(tmp_path, out_dir=str(tmp_path / "models"))).train()
    assert (tmp_path / "work" / "last_checkpoint").read_text() == str(
        tmp_path / "models" / "work" / "iter_4.pth"
    )


def test_a_named_backend_is_used(tmp_path: Path) -> None:
    hook = AtomicCheckpointHook(backend_args={"backend": "local"})
    assert hook.backend_args == {"backend": "local"}


@pytest.mark.parametrize("metrics", [("up",), ("up", "also")])
def test_the_previous_best_goes_only_when_the_new_one_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metrics: tuple[str, ...]
) -> None:
    config = config_of(tmp_path, save_best=list(metrics), rule="greater", max_keep_ckpts=1)
    runner = Runner.from_cfg(config)
    (hook,) = (hook for hook in runner.hooks if isinstance(hook, AtomicCheckpointHook))
    runner.call_hook("before_run")
    work = tmp_path / "work"
    hook.before_train(runner)

    def validate(iteration: int, value: float) -> list[str]:
        runner.train_loop._iter = iteration
        hook._save_best_checkpoint(runner, dict.fromkeys(metrics, value))
        return [name for name in names(work) if name.startswith("best")]

    def best(iteration: int) -> list[str]:
        return sorted(f"best_{metric}_iter_{iteration}.pth" for metric in metrics)

    assert validate(1, 0.5) == best(1)
    assert validate(2, 0.4) == best(1)  # no better one
    assert validate(3, 0.6) == best(3)

    def killed(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "save_checkpoint", killed)
    with pytest.raises(KeyboardInterrupt):
        validate(4, 0.7)
    assert [name for name in names(work) if name.startswith("best")] == best(3)
