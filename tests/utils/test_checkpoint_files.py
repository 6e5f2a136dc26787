from pathlib import Path

import pytest
import torch

from mmaux.utils.checkpoint_files import (
    checkpoint_to_resume,
    forget_checkpoints,
    is_intact,
    point_to,
)


def save(folder: Path, name: str) -> Path:
    torch.save({"state_dict": {"weight": torch.arange(1000.0)}}, folder / name)
    return folder / name


def tear(path: Path, *, keep: float = 0.9) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    return path


def test_whole_torn_damaged_and_absent(tmp_path: Path) -> None:
    assert is_intact(save(tmp_path, "iter_1.pth"))
    assert not is_intact(tear(save(tmp_path, "iter_2.pth")))
    assert not is_intact(tear(save(tmp_path, "iter_3.pth"), keep=0))
    assert not is_intact(tmp_path / "absent.pth")
    flipped = save(tmp_path, "iter_4.pth")
    content = bytearray(flipped.read_bytes())
    content[len(content) // 2] ^= 1
    flipped.write_bytes(content)
    assert not is_intact(flipped)


def test_the_named_checkpoint_is_taken(tmp_path: Path) -> None:
    """Even where another run left one of a higher number."""
    save(tmp_path, "iter_50.pth")
    point_to(tmp_path, save(tmp_path, "iter_20.pth"))
    assert checkpoint_to_resume(tmp_path) == tmp_path / "iter_20.pth"


@pytest.mark.parametrize("state", ["torn", "missing"])
def test_an_older_whole_one_stands_in(
    tmp_path: Path, state: str, capsys: pytest.CaptureFixture
) -> None:
    save(tmp_path, "iter_9.pth")
    tear(save(tmp_path, "iter_10.pth"))
    save(tmp_path, "iter_50.pth")
    save(tmp_path, "best_depth_iter_8.pth")
    named = save(tmp_path, "iter_20.pth")
    point_to(tmp_path, named)
    tear(named) if state == "torn" else named.unlink()
    assert checkpoint_to_resume(tmp_path) == tmp_path / "iter_9.pth"


def test_an_empty_pointer_as_mmengine_leaves_it(tmp_path: Path) -> None:
    save(tmp_path, "iter_9.pth")
    save(tmp_path, "iter_10.pth")
    (tmp_path / "last_checkpoint").write_text("")
    assert checkpoint_to_resume(tmp_path) == tmp_path / "iter_10.pth"


def test_nothing_to_resume_from(tmp_path: Path) -> None:
    assert checkpoint_to_resume(tmp_path / "absent") is None
    point_to(tmp_path, tear(save(tmp_path, "iter_3.pth")))
    assert checkpoint_to_resume(tmp_path) is None
    point_to(tmp_path, save(tmp_path, "iter_3.pth"))
    forget_checkpoints(tmp_path)
    assert checkpoint_to_resume(tmp_path) is None
    assert (tmp_path / "iter_3.pth").is_file()
    forget_checkpoints(tmp_path)


def test_a_moved_work_folder(tmp_path: Path) -> None:
    before, moved = tmp_path / "before", tmp_path / "moved"
    before.mkdir()
    save(before, "iter_2.pth")
    point_to(before, save(before, "iter_4.pth"))
    before.rename(moved)
    assert checkpoint_to_resume(moved) == moved / "iter_4.pth"
    tear(moved / "iter_4.pth")
    assert checkpoint_to_resume(moved) == moved / "iter_2.pth"


def test_a_checkpoint_elsewhere_is_left_to_its_backend(tmp_path: Path) -> None:
    point_to(tmp_path, "s3://bucket/run/iter_4.pth")
    assert checkpoint_to_resume(tmp_path) == "s3://bucket/run/iter_4.pth"
