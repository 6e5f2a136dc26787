"""Remember which steps of the set-up were done, and with which inputs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path


def hash_inputs(*, texts: Iterable[str] = (), files: Iterable[Path] = ()) -> str:
    """One key for texts and the contents of files; order and borders count.

    Raises:
        FileNotFoundError: A file is not there.
    """
    digest = hashlib.sha256()
    for text in texts:
        _add(digest, text.encode())
    for file in files:
        _add(digest, file.read_bytes())
    return digest.hexdigest()


def _add(digest: hashlib._Hash, content: bytes) -> None:
    digest.update(str(len(content)).encode() + b":")
    digest.update(content)


class SetupStamp:
    """The keys of the steps that were done, in a JSON file that is replaced in one go.

    Args:
        file: Where the stamp is kept. A missing or unreadable file means that nothing was done.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def is_done(self, step: str, key: str) -> bool:
        """Whether a step was done with the same inputs."""
        return self._read().get(step) == key

    def record(self, step: str, key: str) -> None:
        """Write down that a step was done with these inputs."""
        steps = self._read()
        steps[step] = key
        self._write(steps)

    def forget(self, step: str) -> None:
        """Write down that a step must be done again."""
        steps = self._read()
        if steps.pop(step, None) is not None:
            self._write(steps)

    def _read(self) -> dict[str, str]:
        try:
            steps = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return steps if isinstance(steps, dict) else {}

    def _write(self, steps: dict[str, str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.file.with_name(f"{self.file.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(steps, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(temporary, self.file)
