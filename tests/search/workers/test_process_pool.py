import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from small_search import settings, true_reward

from mmaux.search.search_loop import SearchLoop
from mmaux.search.storage import SearchStorage
from mmaux.search.workers import EvaluatorError, ProcessPool

TESTS = Path(__file__).parents[2]
HANGING = """
from small_search import settings
from mmaux.search.search_loop import SearchLoop
from mmaux.search.storage import SearchStorage
from mmaux.search.workers import ProcessPool
if __name__ == "__main__":
    chosen = settings(seconds=600.0, log="log")
    pool = ProcessPool(1, chosen.evaluator, imports=chosen.imports)
    SearchLoop(chosen, SearchStorage("s.db", chosen.identity), pool).run()
"""


def search_in_processes(file, chosen, workers):
    with ProcessPool(workers, chosen.evaluator, imports=chosen.imports) as pool:
        loop = SearchLoop(chosen, SearchStorage(file, chosen.identity), pool)
        assert loop.run() is None
    return loop.candidates


@pytest.fixture
def log(tmp_path):
    (tmp_path / "log").mkdir()
    return tmp_path / "log"


def test_dying_workers_are_replaced_and_their_candidates_failures(tmp_path, log):
    chosen = settings(candidates=8, dies=(0.9, 1), raises=(0.0, 0.15), log=str(log), seconds=0.02)
    candidates = search_in_processes(tmp_path / "s.db", chosen, 2)
    died = [c for c in candidates if c.error and "killed by SIGKILL" in c.error]
    raised = [c for c in candidates if c.error and "MemoryError" in c.error]
    assert died
    for candidate in candidates:
        if candidate.status == "failed":
            assert candidate in died + raised
            assert candidate.reward == 0
        elif candidate.status == "finished":
            assert candidate.reward == true_reward(candidate.architecture, seed=3)
    begun = [json.loads(file.read_text()) for file in log.iterdir()]
    assert len(begun) == 8
    assert {entry["device"] for entry in begun} == {"cpu"}
    processes = {entry["process"] for entry in begun}
    assert len(processes) >= 2
    assert not any(psutil.pid_exists(process) for process in processes)


def test_an_evaluator_that_cannot_be_built(tmp_path):
    chosen = settings(colour="blue")
    with pytest.raises(EvaluatorError, match=r"'blue'.* cannot be built"):
        search_in_processes(tmp_path / "s.db", chosen, 1)


def test_workers_end_with_a_killed_search(tmp_path, log):
    (tmp_path / "hanging.py").write_text(HANGING)
    paths = os.pathsep.join([str(TESTS.parent), str(TESTS)])
    process = subprocess.Popen(
        [sys.executable, "hanging.py"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": paths}
    )
    deadline = time.monotonic() + 60
    while not (files := list(log.iterdir())):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.1)
    worker = psutil.Process(json.loads(files[0].read_text())["process"])
    process.send_signal(signal.SIGKILL)
    process.wait()
    worker.wait(timeout=20)
    (candidate,) = SearchStorage(tmp_path / "s.db").candidates()
    assert candidate.status == "running"


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers(workers):
    with pytest.raises(ValueError, match=f"workers is {workers}; expected 1 or more"):
        ProcessPool(workers, {})
