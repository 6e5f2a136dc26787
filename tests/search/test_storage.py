import random
import sqlite3

import pytest
from small_search import SPACE, settings

from mmaux.search import canonical_key
from mmaux.search.candidate import Candidate
from mmaux.search.storage import SearchStorage, StorageError


def candidate(number, **fields):
    sequence = SPACE.sample(random.Random(number))
    architecture = SPACE.decode(sequence)
    fields = {"status": "running", "seed": 1, "asked_at": 1.5, **fields}
    return Candidate(number, sequence, canonical_key(architecture), architecture, **fields)


def test_what_is_written_is_read(tmp_path):
    storage = SearchStorage(tmp_path / "s.db", settings().identity)
    storage.begin()
    first = candidate(0, bar={10: 0.1 + 0.2, 20: 1 / 3})
    storage.add(first)
    done = candidate(
        0,
        status="finished",
        bar=first.bar,
        reward=0.1 + 0.2,
        metrics={"depth/rmse": 1 / 7},
        curve=((10, 1 / 9), (20, 0.1 + 0.2)),
        stopped_early=True,
        seconds=2.5,
        finished_at=4.0,
    )
    twin = candidate(1, status="duplicate", duplicate_of=0, reward=done.reward)
    failed = candidate(2, status="failed", reward=0.0, error="MemoryError: è troppo")
    reader = SearchStorage(tmp_path / "s.db")
    assert reader.candidates() == [first]
    storage.finish(done)
    storage.add(twin)
    storage.add(candidate(2))
    storage.finish(failed)
    assert reader.candidates() == [done, twin, failed]
    expected = [("ask", 0), ("tell", 0), ("ask", 1), ("tell", 1), ("ask", 2), ("tell", 2)]
    assert reader.events() == expected
    assert 0 < reader.wall_seconds() < 60
    (environment,) = reader.environments()
    assert environment["packages"]["torch"]


def test_a_failed_transaction_leaves_nothing(tmp_path):
    storage = SearchStorage(tmp_path / "s.db", settings().identity)
    storage.add(candidate(0))
    with pytest.raises(sqlite3.Error):
        storage.finish(candidate(0, status="failed", reward=0.0), candidate(1, error=object()))
    assert storage.candidates() == [candidate(0)]
    assert storage.events() == [("ask", 0)]


def test_another_search_is_refused(tmp_path):
    file = tmp_path / "s.db"
    SearchStorage(file, settings().identity).close()
    SearchStorage(file, settings(candidates=99).identity).close()
    with pytest.raises(StorageError, match=r"(?s)another search:\n  evaluator.nan: there None, "):
        SearchStorage(file, settings(nan=(0, 1)).identity)
    with pytest.raises(StorageError, match=r"early_stopping: there None, asked for \{'quant"):
        SearchStorage(file, settings(stopping=True).identity)


def test_files_that_hold_no_search(tmp_path):
    with pytest.raises(StorageError, match="there is no search in"):
        SearchStorage(tmp_path / "absent.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(StorageError, match="does not hold a search yet"):
        SearchStorage(tmp_path / "empty.db")
    (tmp_path / "text.db").write_text("no database, " * 100)
    with pytest.raises(StorageError, match=r"does not hold a search \(file is not a database"):
        SearchStorage(tmp_path / "text.db", settings().identity)
