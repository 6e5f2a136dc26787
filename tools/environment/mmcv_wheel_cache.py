"""The user's cache of compiled mmcv wheels."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WheelKey:
    """What a compiled mmcv wheel depends on.

    Args:
        distribution: ``mmcv``, or the name of a fork.
        version: Version of mmcv.
        torch: Version of torch without its local part: ``2.14.1``.
        python: ``cp311``.
        device: ``cpu``, or the CUDA version and the compute capabilities: ``cu130_sm90``.
        platform: ``linux_x86_64``.
    """

    distribution: str
    version: str
    torch: str
    python: str
    device: str
    platform: str

    @property
    def folder_name(self) -> str:
        """Such as ``mmcv2.1.0-torch2.14.1-cp311-cpu-linux_x86_64``."""
        parts = (
            f"{self.distribution}{self.version}",
            f"torch{self.torch}",
            self.python,
            self.device,
            self.platform,
        )
        return "-".join(re.sub(r"[^A-Za-z0-9._+]", "_", part) for part in parts)


def default_cache() -> Path:
    """``$XDG_CACHE_HOME/mmaux``, or ``~/.cache/mmaux``."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "mmaux"


class MmcvWheelCache:
    """Finds and keeps wheels; a half-written wheel is never found.

    Args:
        root: Folder of the cache.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, key: WheelKey) -> Path:
        """Folder that holds the wheel of a key."""
        return self.root / "wheels" / key.folder_name

    def build_folder(self, key: WheelKey) -> Path:
        """Folder that a wheel is compiled in; kept after an interruption, so that it goes on."""
        return self.root / "build" / key.folder_name

    def find(self, key: WheelKey) -> Path | None:
        """The wheel of a key, None if it has not been built."""
        wheels = sorted(self.folder(key).glob("*.whl"))
        return wheels[0] if wheels else None

    def store(self, key: WheelKey, wheel: Path) -> Path:
        """Copy a wheel into the cache; the folder appears in one go."""
        folder = self.folder(key)
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".tmp-", dir=folder.parent))
        try:
            shutil.copy2(wheel, temporary / wheel.name)
            temporary.chmod(0o755)
            if folder.exists() and self.find(key) is None:
                shutil.rmtree(folder)
            if not folder.exists():
                os.replace(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return folder / wheel.name

    @contextmanager
    def lock(self, key: WheelKey, on_wait: Callable[[], None]) -> Iterator[None]:
        """Let one process at a time build the wheel of a key.

        Args:
            key: The wheel.
            on_wait: Called once if another process holds the lock, before waiting for it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with lock_file(self.root / f"{key.folder_name}.lock", on_wait):
            yield


@contextmanager
def lock_file(file: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold a lock on a file; the system lets go of it when the process ends, however it ends."""
    with file.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
