"""A search over a small space whose rewards are computed in no time."""

import json
import os
import random
import signal
import time
from pathlib import Path
from zlib import crc32

from mmaux.registry import SEARCH_CONTROLLERS, SEARCH_EVALUATORS
from mmaux.search import SearchSpace, canonical_key
from mmaux.search.analysis.search_record import SearchRecord
from mmaux.search.candidate import Candidate
from mmaux.search.controllers import BaseController
from mmaux.search.early_stopping import EarlyStopping
from mmaux.search.evaluators import BaseEvaluator, Evaluation
from mmaux.search.search_loop import SearchLoop
from mmaux.search.search_settings import SearchSettings
from mmaux.search.storage import SearchStorage
from mmaux.search.workers import EvaluationWorker, InlinePool

SPACE = SearchSpace(tasks=("semseg", "depth"), num_inputs=2)


@SEARCH_CONTROLLERS.register_module()
class ClimbingController(BaseController):
    """Changes decisions of the best sequence so far: what it proposes depends on every reward."""

    def __init__(self, space, *, seed=0, changes=3):
        super().__init__(space, seed=seed)
        self.random = random.Random(seed)
        self.changes = changes
        self.best = (-1.0, None)

    def ask(self):
        if self.best[1] is None or self.random.random() < 0.2:
            return self.space.sample(self.random)
        sequence = list(self.best[1])
        for _ in range(self.changes):
            position = self.random.randrange(len(sequence))
            sequence[position] = self.random.choice(self.space.decisions()[position].choices)
        return tuple(sequence)

    def tell(self, sequence, reward):
        self.best = max(self.best, (reward, tuple(sequence)))


@SEARCH_EVALUATORS.register_module()
class HashEvaluator(BaseEvaluator):
    """The reward is a hash of the graph, with what can go wrong for chosen ranges of it.

    Args:
        seconds: Pause of an evaluation.
        raises: Range of rewards whose candidates raise an error.
        nan: Range of rewards that are not numbers.
        dies: Range of rewards whose candidates kill their process.
        log: Folder that gets a file for each evaluation that begins, with the process and reward.
    """

    def __init__(
        self, *, device="cpu", seconds=0.0, raises=(0, 0), nan=(0, 0), dies=(0, 0), log=None
    ):
        super().__init__(device=device)
        self.seconds = seconds
        self.raises, self.nan, self.dies = raises, nan, dies
        self.log = None if log is None else Path(log)

    def evaluate(self, architecture, *, seed, bar=None):
        reward = true_reward(architecture, seed)
        if self.log is not None:
            begin = {"process": os.getpid(), "reward": reward, "device": self.device}
            (self.log / f"{time.time_ns()}.json").write_text(json.dumps(begin))
        time.sleep(self.seconds)
        for (low, high), harm in ((self.raises, fail), (self.nan, no_number), (self.dies, die)):
            if low <= reward < high:
                reward = harm()
        curve = ((10, reward / 2), (20, reward))
        if bar is not None and curve[0][1] < bar.get(10, 0):
            return Evaluation(curve[0][1], {"half": 1.0}, curve[:1], stopped_early=True)
        return Evaluation(reward, {"twice": 2 * reward}, curve)


def fail():
    raise MemoryError("no memory for this one")


def no_number():
    return float("nan")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def true_reward(architecture, seed=0):
    """In [0, 1), equal for equal graphs."""
    return crc32(f"{canonical_key(architecture)}{seed}".encode()) / 2**32


def settings(
    *, candidates=12, space=SPACE, stopping=False, controller="ClimbingController", **options
):
    return SearchSettings(
        space=space,
        controller={"type": controller},
        evaluator={"type": "HashEvaluator", **options},
        candidates=candidates,
        seed=3,
        early_stopping=EarlyStopping(0.4, 5) if stopping else None,
        imports=("small_search",),
    )


def outcome(candidates):
    """What may not depend on when and how often a search was interrupted."""
    return [
        (c.number, c.sequence, c.key, c.status, c.reward, c.bar, c.curve, c.duplicate_of, c.seed)
        for c in candidates
    ]


def search(file, chosen, *, pool=None, **options):
    """Run a search in this process."""
    storage = SearchStorage(file, chosen.identity)
    if pool is None:
        pool = InlinePool(EvaluationWorker(chosen.evaluator, device="cpu", threads=1))
    loop = SearchLoop(chosen, storage, pool, **options)
    return loop.run(), loop.candidates, storage


def record(rewards, *, strategy="ppo", sequences=None, seconds=1.0, wall=3600.0, curves=None):
    """A search with given rewards, evaluated one after another."""
    generator = random.Random(1)
    candidates = []
    for number, reward in enumerate(rewards):
        sequence = sequences[number] if sequences else SPACE.sample(generator)
        architecture = SPACE.decode(sequence)
        candidates.append(
            Candidate(
                number,
                sequence,
                canonical_key(architecture),
                architecture,
                "finished",
                seed=0,
                asked_at=number,
                reward=reward,
                curve=curves[number] if curves else (),
                seconds=seconds,
                finished_at=number + 1,
            )
        )
    return SearchRecord(strategy, tuple(candidates), tuple(candidates), wall)
