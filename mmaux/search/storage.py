"""Everything that a search did, in one file that survives a kill at any moment."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from mmaux.experiments.run_environment import current_environment
from mmaux.experiments.run_folder import describe_differences, plain_json
from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture

from .candidate import Candidate

Event = Literal["ask", "tell"]

_FORMAT = 1
_WAIT_SECONDS = 60.0
_SCHEMA = """
CREATE TABLE header (format INTEGER NOT NULL, identity TEXT NOT NULL);
CREATE TABLE candidates (
    number INTEGER PRIMARY KEY,
    sequence TEXT NOT NULL,
    key TEXT NOT NULL,
    architecture TEXT NOT NULL,
    status TEXT NOT NULL,
    seed INTEGER NOT NULL,
    asked_at REAL NOT NULL,
    duplicate_of INTEGER REFERENCES candidates (number),
    bar TEXT,
    reward REAL,
    metrics TEXT NOT NULL,
    curve TEXT NOT NULL,
    stopped_early INTEGER NOT NULL,
    seconds REAL,
    error TEXT,
    finished_at REAL
);
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    candidate INTEGER NOT NULL REFERENCES candidates (number)
);
CREATE TABLE starts (
    number INTEGER PRIMARY KEY,
    began REAL NOT NULL,
    alive REAL NOT NULL,
    environment TEXT NOT NULL
);
"""


class StorageError(ValueError):
    """A file holds another search than the one asked for, or none."""


class SearchStorage:
    """The candidates of one search and the order of its controller's calls, in an SQLite file.

    SQLite's rollback journal is used: between transactions there is the one file, and after a kill
    the next reader undoes what was half written. Others may read while a search writes.

    Args:
        file: The file.
        identity: What the search is (:attr:`SearchSettings.identity`); the file is made if it is
            not there. None reads a file that is there, and cannot write.

    Raises:
        StorageError: The file is another search's (the message says what differs), is not of this
            kind, or is not there to be read.
    """

    def __init__(self, file: str | Path, identity: dict[str, Any] | None = None) -> None:
        self.file = Path(file)
        if identity is None and not self.file.is_file():
            raise StorageError(f"there is no search in '{file}'.")
        # A reader, too, may have to undo what a killed search has half written.
        mode = "rw" if identity is None else "rwc"
        self._database = sqlite3.connect(
            f"{self.file.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_WAIT_SECONDS,
            isolation_level=None,
        )
        try:
            self.identity = self._open(identity)
        except sqlite3.DatabaseError as error:
            self.close()
            raise StorageError(f"'{file}' does not hold a search ({error}).") from error
        except BaseException:
            self.close()
            raise
        self._start: int | None = None

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def begin(self) -> None:
        """Note that the search starts or goes on here and now."""
        environment = json.dumps(current_environment().to_dict())
        with self._transaction():
            row = self._database.execute(
                "INSERT INTO starts (began, alive, environment) VALUES (?, ?, ?)",
                (time.time(), time.time(), environment),
            )
            self._start = row.lastrowid

    def add(self, candidate: Candidate) -> None:
        """Store a proposal; one that has its reward is told in the same moment."""
        with self._transaction():
            self._write(candidate)
            self._event("ask", candidate)
            if candidate.reward is not None:
                self._event("tell", candidate)

    def finish(self, *candidates: Candidate) -> None:
        """Store the rewards of proposals, told in this order."""
        with self._transaction():
            for candidate in candidates:
                self._write(candidate)
                self._event("tell", candidate)

    def candidates(self) -> list[Candidate]:
        """All proposals, in order."""
        rows = self._database.execute("SELECT * FROM candidates ORDER BY number")
        names = [column[0] for column in rows.description]
        return [_from_row(dict(zip(names, row, strict=True))) for row in rows]

    def events(self) -> list[tuple[Event, int]]:
        """The controller's calls in their order, and the number of the candidate of each."""
        return self._database.execute(
            "SELECT kind, candidate FROM events ORDER BY number"
        ).fetchall()

    def wall_seconds(self) -> float:
        """How long the search ran, over all its starts, up to its last reward in each."""
        (seconds,) = self._database.execute("SELECT TOTAL(alive - began) FROM starts").fetchone()
        return seconds

    def environments(self) -> list[dict[str, Any]]:
        """Where the search ran (:class:`RunEnvironment`'s JSON form), each environment once."""
        rows = self._database.execute("SELECT environment FROM starts ORDER BY number")
        return [json.loads(text) for text in dict.fromkeys(text for (text,) in rows)]

    def _open(self, identity: dict[str, Any] | None) -> dict[str, Any]:
        with self._transaction(write=identity is not None):
            made = self._database.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'header'"
            ).fetchone()
            if not made:
                if identity is None:
                    raise StorageError(f"'{self.file}' does not hold a search yet.")
                for statement in _SCHEMA.split(";\n"):
                    self._database.execute(statement)
                self._database.execute(
                    "INSERT INTO header VALUES (?, ?)", (_FORMAT, json.dumps(identity))
                )
            version, text = self._database.execute("SELECT * FROM header").fetchone()
        if version != _FORMAT:
            raise StorageError(
                f"'{self.file}' has format {version}, this version of mmaux reads {_FORMAT}."
            )
        found = json.loads(text)
        if identity is not None and found != plain_json(identity):
            raise StorageError(
                f"'{self.file}' holds another search:\n"
                f"{describe_differences(found, plain_json(identity))}\n"
                "Give another --work-dir, or remove that file to search anew."
            )
        return found

    @contextmanager
    def _transaction(self, *, write: bool = True) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _write(self, candidate: Candidate) -> None:
        row = _to_row(candidate)
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self._database.execute(
            f"INSERT OR REPLACE INTO candidates ({names}) VALUES ({marks})", tuple(row.values())
        )

    def _event(self, kind: Event, candidate: Candidate) -> None:
        self._database.execute(
            "INSERT INTO events (kind, candidate) VALUES (?, ?)", (kind, candidate.number)
        )
        if kind == "tell":
            self._database.execute(
                "UPDATE starts SET alive = ? WHERE number = ?", (time.time(), self._start)
            )


def _to_row(candidate: Candidate) -> dict[str, Any]:
    bar = candidate.bar
    return {
        **vars(candidate),
        "sequence": json.dumps(candidate.sequence),
        "architecture": json.dumps(candidate.architecture.to_dict()),
        "bar": None if bar is None else json.dumps(list(bar.items())),
        "metrics": json.dumps(dict(candidate.metrics)),
        "curve": json.dumps(candidate.curve),
    }


def _from_row(row: dict[str, Any]) -> Candidate:
    bar = row["bar"]
    return Candidate(
        **{
            **row,
            "sequence": tuple(json.loads(row["sequence"])),
            "architecture": AuxiliaryArchitecture.from_dict(json.loads(row["architecture"])),
            "bar": None if bar is None else dict(json.loads(bar)),
            "metrics": json.loads(row["metrics"]),
            "curve": tuple((step, reward) for step, reward in json.loads(row["curve"])),
            "stopped_early": bool(row["stopped_early"]),
        }
    )
