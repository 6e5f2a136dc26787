"""The search: proposals, evaluations, rewards, and going on after a kill."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from .candidate import Candidate
from .canonical_key import canonical_key
from .controllers import BaseController
from .search_settings import SearchSettings
from .storage import SearchStorage
from .workers import BaseWorkerPool, EvaluationJob, JobResult

MAX_KNOWN_IN_A_ROW = 1000
"""Proposals that are all known already after which a search ends."""


class SearchObserver(Protocol):
    """Who is told how a search is getting on."""

    def started(self, candidate: Candidate) -> None:
        """Its evaluation begins, or begins again after a kill."""

    def finished(self, candidate: Candidate) -> None:
        """It has its reward."""


class ReplayError(RuntimeError):
    """A controller does not give the proposals that are stored."""


class SearchLoop:
    """Keeps as many candidates under evaluation as there are workers, until enough are evaluated.

    Each call of the controller is stored, a proposal before it is evaluated and a reward before
    the controller learns it. A search that was killed makes the stored calls again, in their order,
    and then evaluates what was under way. With one worker nothing tells it from one that was never
    killed; with several, the order of rewards depends on how long evaluations take.

    Args:
        settings: What the search is.
        storage: Its storage.
        pool: Its workers.
        observers: Told of every candidate.
        max_known_in_a_row: See :data:`MAX_KNOWN_IN_A_ROW`.

    Raises:
        ReplayError: The stored proposals are not this controller's.
    """

    def __init__(
        self,
        settings: SearchSettings,
        storage: SearchStorage,
        pool: BaseWorkerPool,
        *,
        observers: Iterable[SearchObserver] = (),
        max_known_in_a_row: int = MAX_KNOWN_IN_A_ROW,
    ) -> None:
        self.settings = settings
        self.storage = storage
        self.pool = pool
        self.observers = tuple(observers)
        self.max_known_in_a_row = max_known_in_a_row
        self.candidates = storage.candidates()
        self.controller = settings.build_controller()
        _replay(self.controller, storage)
        self._first_of_key: dict[str, Candidate] = {}
        self._known_in_a_row = 0
        for candidate in self.candidates:
            self._note(candidate)
        self._interrupted = deque(c for c in self.candidates if c.status == "running")

    def run(self) -> str | None:
        """Search.

        Returns:
            Why it ended before enough candidates were evaluated; None if it did not.

        Raises:
            EvaluatorError: The evaluator cannot be built.
        """
        self.storage.begin()
        under_way = 0
        while True:
            while under_way < self.pool.size and (candidate := self._next()) is not None:
                self._submit(candidate)
                under_way += 1
            if not under_way:
                break
            for result in self.pool.wait():
                under_way -= 1
                self._finish(result)
        if self._spent() >= self.settings.candidates:
            return None
        return (
            f"the last {self._known_in_a_row} proposals were all known already: the controller has "
            f"converged, or the space has no more than the {len(self._first_of_key)} architectures "
            f"that were evaluated (asked for: {self.settings.candidates})"
        )

    def _next(self) -> Candidate | None:
        """The next candidate to evaluate; None if there is none, or none for now."""
        if self._interrupted:
            return self._interrupted.popleft()
        while (
            self._spent() < self.settings.candidates
            and self._known_in_a_row < self.max_known_in_a_row
        ):
            candidate = self._ask()
            if candidate.status == "running":
                return candidate
        return None

    def _spent(self) -> int:
        """Evaluations that were made or are under way."""
        return len(self._first_of_key)

    def _ask(self) -> Candidate:
        sequence = self.controller.ask()
        architecture = self.settings.space.decode(sequence)
        key = canonical_key(architecture)
        candidate = Candidate(
            number=len(self.candidates),
            sequence=tuple(sequence),
            key=key,
            architecture=architecture,
            status="running",
            seed=self.settings.seed,
            asked_at=time.time(),
        )
        first = self._first_of_key.get(key)
        if first is not None:
            candidate = replace(candidate, status="waiting", duplicate_of=first.number)
            if first.reward is not None:
                candidate = _answer(candidate, first)
        elif self.settings.early_stopping is not None:
            curves = [c.curve for c in self.candidates if c.status == "finished"]
            candidate = replace(candidate, bar=self.settings.early_stopping.bar(curves))
        self.storage.add(candidate)
        self.candidates.append(candidate)
        self._note(candidate)
        if candidate.reward is not None:
            self._tell(candidate)
        return candidate

    def _submit(self, candidate: Candidate) -> None:
        for observer in self.observers:
            observer.started(candidate)
        self.pool.submit(
            EvaluationJob(
                candidate.number, candidate.architecture.to_dict(), candidate.seed, candidate.bar
            )
        )

    def _finish(self, result: JobResult) -> None:
        candidate = replace(
            self.candidates[result.number], seconds=result.seconds, finished_at=time.time()
        )
        found = result.evaluation
        if found is None:
            candidate = replace(candidate, status="failed", reward=0.0, error=result.error)
        else:
            candidate = replace(candidate, status="finished", **vars(found))
        twins = [
            _answer(other, candidate)
            for other in self.candidates
            if other.status == "waiting" and other.duplicate_of == candidate.number
        ]
        self.storage.finish(candidate, *twins)
        self._first_of_key[candidate.key] = candidate
        for told in (candidate, *twins):
            self.candidates[told.number] = told
            self._tell(told)

    def _tell(self, candidate: Candidate) -> None:
        assert candidate.reward is not None
        self.controller.tell(candidate.sequence, candidate.reward)
        for observer in self.observers:
            observer.finished(candidate)

    def _note(self, candidate: Candidate) -> None:
        """Keep track of which architectures are known."""
        if candidate.duplicate_of is None:
            self._first_of_key[candidate.key] = candidate
            self._known_in_a_row = 0
        else:
            self._known_in_a_row += 1


def _answer(candidate: Candidate, first: Candidate) -> Candidate:
    """A duplicate with the reward of the one that was evaluated."""
    return replace(
        candidate,
        status="duplicate",
        reward=first.reward,
        metrics=first.metrics,
        curve=first.curve,
        stopped_early=first.stopped_early,
        finished_at=time.time(),
    )


def _replay(controller: BaseController, storage: SearchStorage) -> None:
    candidates = storage.candidates()
    for kind, number in storage.events():
        candidate = candidates[number]
        if kind == "tell":
            assert candidate.reward is not None
            controller.tell(candidate.sequence, candidate.reward)
            continue
        found = tuple(controller.ask())
        if found != candidate.sequence:
            raise ReplayError(
                f"'{storage.file}': proposal {number} is {list(candidate.sequence)}, but the "
                f"controller, called as it was then, gives {list(found)}. The code of "
                f"{type(controller).__name__} or a library has changed since; begin in another "
                "folder."
            )
