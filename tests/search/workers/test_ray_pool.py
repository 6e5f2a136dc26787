import json
import os
import signal
import sys
import threading
import time

import pytest
from small_search import settings, true_reward

from mmaux.search.search_loop import SearchLoop
from mmaux.search.storage import SearchStorage
from mmaux.search.workers import RayPool


def kill_first_worker(log, killed):
    """Kill the process of the third evaluation that begins, while it is at it."""
    while len(files := sorted(log.iterdir())) < 3:
        time.sleep(0.01)
    time.sleep(0.1)
    killed.append(json.loads(files[2].read_text()))
    os.kill(killed[0]["process"], signal.SIGKILL)


def test_a_killed_actor_is_replaced_and_its_candidate_evaluated_again(tmp_path):
    pytest.importorskip("ray")
    log = tmp_path / "log"
    log.mkdir()
    chosen = settings(candidates=10, seconds=0.4, dies=(0.9, 1), raises=(0.0, 0.15), log=str(log))
    killed = []
    killer = threading.Thread(target=kill_first_worker, args=(log, killed), daemon=True)
    killer.start()
    storage = SearchStorage(tmp_path / "s.db", chosen.identity)
    pool = RayPool(3, chosen.evaluator, imports=chosen.imports, address="local")
    with pool:
        loop = SearchLoop(chosen, storage, pool)
        assert loop.run() is None
    killer.join(timeout=1)
    assert killed
    begun = [json.loads(file.read_text()) for file in sorted(log.iterdir())]
    assert len({entry["process"] for entry in begun}) >= 4
    starts = [entry["reward"] for entry in begun]
    lost = killed[0]["reward"]
    for candidate in loop.candidates:
        reward = true_reward(candidate.architecture, seed=3)
        if candidate.status == "finished":
            assert candidate.reward == reward
            assert starts.count(reward) == (2 if reward == lost else 1)
        elif candidate.status == "failed" and reward >= 0.9:
            assert "2 workers died of it" in candidate.error
            assert starts.count(reward) == 2
        elif candidate.status == "failed":
            assert "MemoryError" in candidate.error
    assert {c.status for c in loop.candidates} >= {"finished", "failed"}
    assert next(c for c in loop.candidates if c.reward == lost).status == "finished"


def test_without_ray_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"a search with Ray needs .*`ray`.*'mmaux\[ray\]'"):
        RayPool(2, {}, address="local")
