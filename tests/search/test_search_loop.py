import multiprocessing
import os
import random
import signal
import time

import pytest
from small_search import outcome, search, settings, true_reward

from mmaux.search import SearchSpace
from mmaux.search.search_loop import ReplayError, SearchLoop
from mmaux.search.storage import SearchStorage
from mmaux.search.workers import BaseWorkerPool, EvaluationWorker, EvaluatorError, InlinePool

KILLS = 10


class ReversedPool(BaseWorkerPool):
    """Keeps jobs until all workers are busy, then gives the results of the last first."""

    def __init__(self, size, evaluator):
        super().__init__(size)
        self.worker = EvaluationWorker(evaluator, device="cpu", threads=1)
        self.jobs = []
        self.most = 0

    def submit(self, job):
        self.jobs.append(job)
        self.most = max(self.most, len(self.jobs))

    def wait(self):
        return [self.worker.evaluate(self.jobs.pop())]

    def close(self):
        pass


def test_a_whole_search(tmp_path):
    reason, candidates, storage = search(tmp_path / "s.db", settings(candidates=30))
    assert reason is None
    assert outcome(storage.candidates()) == outcome(candidates)
    assert sum(c.is_evaluated for c in candidates) == 30
    for candidate in candidates:
        assert candidate.reward == true_reward(candidate.architecture, seed=3)
    events = [(kind, c.number) for c in candidates for kind in ("ask", "tell")]
    assert storage.events() == events


def test_duplicates_cost_no_evaluation(tmp_path):
    log = tmp_path / "log"
    log.mkdir()
    space = SearchSpace(("depth",), 1, adaptors=("conv1x1", "skip", "sep_conv3x3"))
    chosen = settings(candidates=8, space=space, log=str(log), controller="mmaux.RandomController")
    reason, candidates, _ = search(tmp_path / "s.db", chosen)
    assert reason is None
    duplicates = [c for c in candidates if c.status == "duplicate"]
    assert duplicates
    assert len(list(log.iterdir())) == 8 == len({c.key for c in candidates})
    for candidate in duplicates:
        first = candidates[candidate.duplicate_of]
        assert first.status == "finished"
        assert (first.key, first.reward) == (candidate.key, candidate.reward)
        assert candidate.sequence != first.sequence or candidate.seconds is None


def test_a_space_that_is_used_up(tmp_path):
    space = SearchSpace(("depth",), 1, adaptors=("conv1x1", "skip"))
    chosen = settings(candidates=20, space=space, controller="mmaux.RandomController")
    # Three pairs of adaptors in any order, two aggregations.
    reason, candidates, _ = search(tmp_path / "s.db", chosen, max_known_in_a_row=100)
    assert reason is not None
    assert "the last 100 proposals were all known" in reason
    assert "no more than the 6 architectures" in reason
    assert len({c.key for c in candidates}) == 6
    again, more, _ = search(tmp_path / "s.db", chosen, max_known_in_a_row=100)
    assert (again, outcome(more)) == (reason, outcome(candidates))


def test_failures_are_scored_and_recorded(tmp_path):
    chosen = settings(candidates=30, raises=(0.2, 0.4), nan=(0.6, 0.8))
    _, candidates, storage = search(tmp_path / "s.db", chosen)
    assert outcome(storage.candidates()) == outcome(candidates)
    errors = {"MemoryError: no memory for this one": 0, "the reward is nan; expected": 0}
    for candidate in candidates:
        reward = true_reward(candidate.architecture, seed=3)
        if 0.2 <= reward < 0.4 or 0.6 <= reward < 0.8:
            assert candidate.reward == 0
            if candidate.status == "failed":
                (found,) = [text for text in errors if text in candidate.error]
                errors[found] += 1
        else:
            assert (candidate.reward, candidate.error) == (reward, None)
    assert min(errors.values()) > 0


def test_bars_come_from_what_is_finished(tmp_path):
    chosen = settings(candidates=40, stopping=True, nan=(0.9, 1))
    _, candidates, _ = search(tmp_path / "s.db", chosen)
    evaluated = [c for c in candidates if c.is_evaluated]
    stopped = [c for c in evaluated if c.stopped_early]
    assert stopped
    for candidate in evaluated:
        before = [c for c in evaluated[: evaluated.index(candidate)] if c.status == "finished"]
        assert candidate.bar == chosen.early_stopping.bar(c.curve for c in before)
        if candidate.stopped_early:
            assert candidate.curve == ((10, candidate.reward),)
            assert candidate.reward < candidate.bar[10]


def test_several_at_a_time(tmp_path):
    space = SearchSpace(("depth",), 1, adaptors=("conv1x1", "skip", "sep_conv3x3"))
    chosen = settings(candidates=10, space=space, controller="mmaux.RandomController")
    pool = ReversedPool(4, chosen.evaluator)
    reason, candidates, storage = search(tmp_path / "s.db", chosen, pool=pool)
    assert reason is None
    assert pool.most == 4
    assert len({c.key for c in candidates}) == 10 == sum(c.is_evaluated for c in candidates)
    told = [number for kind, number in storage.events() if kind == "tell"]
    assert sorted(told) == list(range(len(candidates)))
    assert told != sorted(told)
    # Equals of one under evaluation waited for it and were told after it.
    for candidate in candidates:
        if candidate.status == "duplicate":
            assert candidate.reward == candidates[candidate.duplicate_of].reward
            assert told.index(candidate.number) > told.index(candidate.duplicate_of)
    # All calls of the controller can be made again, in another order than that of the proposals.
    assert outcome(SearchLoop(chosen, storage, pool).candidates) == outcome(candidates)


def test_more_candidates_go_on_from_those_there_are(tmp_path):
    _, few, _ = search(tmp_path / "s.db", settings(candidates=7))
    _, more, _ = search(tmp_path / "s.db", settings(candidates=19))
    _, whole, _ = search(tmp_path / "whole.db", settings(candidates=19))
    assert outcome(more[: len(few)]) == outcome(few)
    assert outcome(more) == outcome(whole)


def test_another_controller_is_noticed(tmp_path):
    chosen = settings(candidates=7)
    search(tmp_path / "s.db", chosen)
    storage = SearchStorage(tmp_path / "s.db", chosen.identity)
    changed = settings(candidates=7)
    changed.controller["changes"] = 9
    pool = InlinePool(EvaluationWorker(chosen.evaluator, device="cpu", threads=1))
    with pytest.raises(ReplayError, match=r"proposal \d+ is \[.*ClimbingController or a library"):
        SearchLoop(changed, storage, pool)


def test_an_evaluator_that_cannot_be_built_is_no_failed_candidate(tmp_path):
    chosen = settings(colour="blue")
    with pytest.raises(EvaluatorError, match=r"search.evaluator .*'blue'.* cannot be built"):
        search(tmp_path / "s.db", chosen)
    (candidate,) = SearchStorage(tmp_path / "s.db").candidates()
    assert candidate.status == "running"


def test_killed_anywhere_it_ends_as_if_it_was_never_killed(tmp_path):
    """A real SIGKILL at random moments of proposals, evaluations and writing."""
    log = tmp_path / "log"
    log.mkdir()
    chosen = settings(candidates=50, stopping=True, seconds=0.01, raises=(0.3, 0.35), log=str(log))
    _, whole, storage = search(tmp_path / "whole.db", chosen)
    file = tmp_path / "killed.db"
    moments, forking = random.Random(0), multiprocessing.get_context("fork")
    kills = 0
    while kills < KILLS:
        begun = len(list(log.iterdir()))
        process = forking.Process(target=search, args=(file, chosen))
        process.start()
        while len(list(log.iterdir())) < begun + 2:
            assert process.is_alive(), "it ended before it was killed"
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.04))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        kills += 1
        stored = SearchStorage(file)
        running = [c for c in stored.candidates() if c.status == "running"]
        stored.close()
        assert len(running) <= 1, "more than what was under way is lost"
    _, candidates, killed = search(file, chosen)
    assert outcome(candidates) == outcome(whole)
    assert killed.events() == storage.events()
