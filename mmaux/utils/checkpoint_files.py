"""Which checkpoint of a work folder to resume from."""

import logging
import os
import re
import zipfile
from pathlib import Path

from mmengine.logging import print_log

from .files import atomic_write

_POINTER = "last_checkpoint"
_NUMBERED = re.compile(r"(?:iter|epoch)_(\d+)\.pth")


def is_intact(path: str | os.PathLike[str]) -> bool:
    """Whether a checkpoint file is whole: every record of it is there and has its checksum."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (OSError, EOFError, zipfile.BadZipFile):
        return False


def checkpoint_to_resume(work_dir: str | os.PathLike[str]) -> Path | str | None:
    """The newest whole checkpoint of a run.

    That is the one that ``last_checkpoint`` names, as in mmengine. If that file or the checkpoint
    is torn, a warning names it, and the newest whole one before it is taken: beside it, or in the
    work folder, which may have been moved.

    Args:
        work_dir: Folder of the run.

    Returns:
        The checkpoint, or None: training has to begin at the start. One that is not on this
        machine (``s3://...``) is returned as it is named.
    """
    pointer = Path(work_dir) / _POINTER
    if not pointer.is_file():
        return None
    text = pointer.read_text().strip()
    if "://" in text:
        return text
    named = Path(text or pointer.parent / "iter_unknown.pth")
    if is_intact(named):
        return named
    moved = pointer.parent / named.name
    for path in (moved, *_numbered_before(named), *_numbered_before(moved)):
        if is_intact(path):
            print_log(
                f"'{named}', named by '{pointer}', is missing, cut short or damaged; resuming from "
                f"'{path}'.",
                logger="current",
                level=logging.WARNING,
            )
            return path
    print_log(
        f"'{named}', named by '{pointer}', is missing, cut short or damaged, and no older "
        "checkpoint is whole; training begins at the start.",
        logger="current",
        level=logging.WARNING,
    )
    return None


def point_to(work_dir: str | os.PathLike[str], checkpoint: str | os.PathLike[str]) -> None:
    """Let ``last_checkpoint`` of a work folder name a checkpoint."""
    with atomic_write(Path(work_dir) / _POINTER, "w") as file:
        file.write(os.fspath(checkpoint))


def forget_checkpoints(work_dir: str | os.PathLike[str]) -> None:
    """Let ``last_checkpoint`` name none; the checkpoints themselves stay."""
    (Path(work_dir) / _POINTER).unlink(missing_ok=True)


def numbered_checkpoints(folder: str | os.PathLike[str]) -> dict[Path, int]:
    """Files ``iter_N.pth`` and ``epoch_N.pth`` of a folder with their N, the highest first."""
    found = {
        path: int(match[1])
        for path in Path(folder).glob("*.pth")
        if (match := _NUMBERED.fullmatch(path.name))
    }
    return dict(sorted(found.items(), key=lambda entry: entry[1], reverse=True))


def _numbered_before(named: Path) -> list[Path]:
    """Numbered checkpoints beside one, from the newest before it to the oldest."""
    match = _NUMBERED.fullmatch(named.name)
    numbered = numbered_checkpoints(named.parent)
    return [path for path, n in numbered.items() if match is None or n < int(match[1])]
