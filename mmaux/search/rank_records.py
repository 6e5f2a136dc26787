"""Evaluations of a rank study, one JSON object a line, that outlive a kill."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RankRecord:
    """One evaluation.

    Attributes:
        variant: Name of the evaluator's settings.
        settings: What tells them from others of the same name.
        key: Canonical key of the architecture.
        sequence: A sequence that describes it.
        seed: Seed of the evaluation.
        seconds: Wall time of the evaluation; None if its worker died.
        curve: Iterations and rewards; empty after an error.
        metrics: Metrics at the end.
        error: What went wrong.
    """

    variant: str
    settings: str
    key: str
    sequence: tuple[int, ...]
    seed: int
    seconds: float | None
    curve: tuple[tuple[int, float], ...] = ()
    metrics: dict[str, float] | None = None
    error: str | None = None

    @property
    def identity(self) -> tuple[str, str, int]:
        """What no two records of a study have in common."""
        return self.settings, self.key, self.seed


class RankRecords:
    """A file of records, read when it is opened and appended to.

    Args:
        path: The file; created with its folder. A last line that a kill cut short is removed.

    Raises:
        ValueError: A line is no record.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = self.path.read_bytes() if self.path.is_file() else b""
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self.path, len(whole))
        self._records: dict[tuple[str, str, int], RankRecord] = {}
        for number, line in enumerate(whole.decode().splitlines(), start=1):
            try:
                record = _from_json(json.loads(line))
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"{self.path}, line {number}: no record ({error}).") from error
            self._records[record.identity] = record

    def __contains__(self, identity: object) -> bool:
        return identity in self._records

    def __iter__(self) -> Iterator[RankRecord]:
        return iter(self._records.values())

    def get(self, settings: str, key: str, seed: int) -> RankRecord | None:
        """The record of an evaluation, if it was made."""
        return self._records.get((settings, key, seed))

    def add(self, record: RankRecord) -> None:
        """Append a record; when this returns it is on the disk."""
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(record)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._records[record.identity] = record


def _from_json(content: dict[str, Any]) -> RankRecord:
    content["sequence"] = tuple(content["sequence"])
    content["curve"] = tuple((int(step), float(reward)) for step, reward in content["curve"])
    return RankRecord(**content)
