"""Writing files so that a half-written one never counts."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

_PARTIAL = ".part"
_CHUNK = 1 << 20


class OutputPathError(OSError):
    """A folder or file for results cannot be used; the message names it and the fix."""


def ensure_writable_dir(path: str | os.PathLike[str]) -> Path:
    """Create a folder with its parents and prove by writing that it can be written to.

    Args:
        path: Folder for results; ``~`` is the home directory.

    Returns:
        Path: The folder.

    Raises:
        OutputPathError: A part of the path is a file, the permissions forbid it, the disk is full
            or read-only.
    """
    folder = Path(path).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # os.access is wrong for root, for read-only mounts and for network folders: write instead.
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".writable-"):
            pass
    except (FileExistsError, NotADirectoryError) as error:
        blocker = next(p for p in (folder, *folder.parents) if p.exists() and not p.is_dir())
        raise OutputPathError(
            f"output folder '{folder}' cannot be created: '{blocker}' is a file. "
            "Give another folder, or move that file away."
        ) from error
    except PermissionError as error:
        raise OutputPathError(
            f"output folder '{folder}' is not writable for this user (permission denied). "
            f"Give a folder of your own, or change its permissions: chmod u+w '{folder}'"
        ) from error
    except OSError as error:
        raise OutputPathError(
            f"output folder '{folder}' cannot be written to: {error.strerror or error}. "
            "Give a folder on a writable disk with free space."
        ) from error
    return folder


@contextmanager
def atomic_write(
    path: str | os.PathLike[str], mode: str = "wb", *, encoding: str | None = None
) -> Iterator[IO[Any]]:
    """Write a file that appears whole or not at all.

    What is written goes to a temporary file in the same folder, is flushed to the disk and then
    takes the name in one step. After an error, or a kill, an older file of that name is untouched.

    Args:
        path: The file; its folder must exist.
        mode: ``'wb'`` or ``'w'``.
        encoding: Of text; UTF-8 by default.

    Yields:
        The open temporary file.

    Raises:
        ValueError: The mode is not a plain write.
        OutputPathError: The folder is missing or not writable.
    """
    if mode not in ("wb", "w"):
        raise ValueError(f"mode of atomic_write is {mode!r}; expected 'wb' or 'w'")
    path = Path(path)
    name = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}{_PARTIAL}")
    try:
        # 0o666 less the user's umask, as for any new file; tempfile would make it private.
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except OSError as error:
        raise OutputPathError(
            f"'{path}' cannot be written: {error.strerror or error}. "
            f"Check that the folder '{path.parent}' exists and is writable."
        ) from error
    text = None if mode == "wb" else encoding or "utf-8"
    try:
        with os.fdopen(handle, mode, encoding=text) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise


def remove_partial_files(folder: str | os.PathLike[str]) -> None:
    """Remove what :func:`atomic_write` left in a folder when its process was killed.

    No other process may be writing there.
    """
    for path in Path(folder).glob(f".*{_PARTIAL}"):
        path.unlink(missing_ok=True)


def file_fingerprint(path: str | os.PathLike[str]) -> str:
    """Which file this is, whatever its name: number of bytes and a hash of its two ends."""
    size = os.stat(path).st_size
    digest = hashlib.sha256(str(size).encode())
    with open(path, "rb") as file:
        digest.update(file.read(_CHUNK))
        file.seek(max(0, size - _CHUNK))
        digest.update(file.read(_CHUNK))
    return f"{size} bytes, {digest.hexdigest()[:16]}"
