import json
import os
import signal
import sys
import threading
import time

import pytest
from small_search import SPACE, settings, true_reward

from mmaux.search.controllers import RandomController
from mmaux.search.search_loop import SearchLoop
from mmaux.search.storage import SearchStorage
from mmaux.search.workers import RayPool


def kill_third_evaluation(log, killed):
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
    draws = RandomController(SPACE, seed=3)
    rewards = [true_reward(SPACE.decode(draws.ask()), seed=3) for _ in range(7)]
    deadly = rewards[-1]
    chosen = settings(
        candidates=7,
        controller="mmaux.RandomController",
        seconds=0.4,
        dies=(deadly, deadly + 1e-9),
        log=str(log),
    )
    killed = []
    killer = threading.Thread(target=kill_third_evaluation, args=(log, killed), daemon=True)
    killer.start()
    storage = SearchStorage(tmp_path / "s.db", chosen.identity)
    pool = RayPool(3, chosen.evaluator, imports=chosen.imports, address="local")
    with pool:
        loop = SearchLoop(chosen, storage, pool)
        assert loop.run() is None
    killer.join(timeout=1)
    lost = killed[0]["reward"]
    assert lost != deadly
    begun = [json.loads(file.read_text()) for file in log.iterdir()]
    assert len({entry["process"] for entry in begun}) >= 4, "three, and one for that which died"
    for candidate, reward in zip(loop.candidates, rewards, strict=True):
        starts = [entry["process"] for entry in begun if entry["reward"] == reward]
        assert len(set(starts)) == (2 if reward in (lost, deadly) else 1)
        if reward == deadly:
            assert (candidate.status, candidate.reward) == ("failed", 0)
            assert "2 workers died of it" in candidate.error
        else:
            assert (candidate.status, candidate.reward) == ("finished", reward)


def test_without_ray_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ImportError, match=r"a search with Ray needs .*`ray`.*'mmaux\[ray\]'"):
        RayPool(2, {}, address="local")
