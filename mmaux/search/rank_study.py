"""Does a cheap evaluation rank candidates as a long training does?"""

import hashlib
import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .canonical_key import canonical_key
from .rank_records import RankRecord, RankRecords
from .search_settings import custom_imports
from .space import SearchSpace
from .workers import BaseWorkerPool, EvaluationJob, JobResult

LONG = "long"


@dataclass(frozen=True)
class Variant:
    """One way to evaluate.

    Attributes:
        name: Its name in reports.
        evaluator: Config of the evaluator.
        seeds: Seeds to evaluate every architecture with.
    """

    name: str
    evaluator: dict[str, Any]
    seeds: tuple[int, ...]

    @property
    def settings(self) -> str:
        """Equal for equal configs, wherever the files lie that they keep."""
        content = {k: v for k, v in self.evaluator.items() if k != "work_dir"}
        text = json.dumps(content, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class RankStudy:
    """N random architectures, each evaluated cheaply, in several ways, and twice at length.

    No seed is used twice: a cheap evaluation that saw the batches of the long training would
    agree with it for that reason too.

    Attributes:
        space: The search space.
        cheap: The cheap ways, one seed each.
        long: The long way, two seeds.
        architectures: N.
        seed: Of the architectures; more of them begin with the same ones.
        imports: Modules that register the evaluator (``custom_imports``).
        keys: The sequences drawn, with their canonical keys.
    """

    space: SearchSpace
    cheap: tuple[Variant, ...]
    long: Variant
    architectures: int
    seed: int = 0
    imports: tuple[str, ...] = ()
    keys: dict[tuple[int, ...], str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.architectures < 2:
            raise ValueError(f"architectures is {self.architectures}; a ranking has 2 or more.")
        generator = random.Random(self.seed)
        keys: dict[str, tuple[int, ...]] = {}
        while len(keys) < self.architectures:
            sequence = self.space.sample(generator)
            keys.setdefault(canonical_key(self.space.decode(sequence)), sequence)
        object.__setattr__(self, "keys", {sequence: key for key, sequence in keys.items()})

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], *, architectures: int, seed: int = 0
    ) -> "RankStudy":
        """Read a search config.

        Args:
            config: ``search`` with its ``space`` and ``evaluator``; ``rank_study`` with ``long``,
                the evaluator's settings that differ in a long training, and optionally ``cheap``,
                such settings by name. The search's own evaluator is always among the cheap ones.
            architectures: N.
            seed: Of the architectures.

        Raises:
            ValueError: A part is missing, or the long training has the settings of the search.
        """
        search, study = config.get("search") or {}, config.get("rank_study") or {}
        missing = [
            name
            for name, found in (
                ("search.space", search.get("space")),
                ("search.evaluator", search.get("evaluator")),
                ("rank_study.long", study.get("long")),
            )
            if not found
        ]
        if missing:
            raise ValueError(f"the config has no {', '.join(missing)}.")
        base = json.loads(json.dumps(search["evaluator"]))

        def variant(name: str, changes: Mapping[str, Any], *seeds: int) -> Variant:
            return Variant(name, {**base, **json.loads(json.dumps(changes))}, seeds)

        cheap = {"search": {}, **(study.get("cheap") or {})}
        return cls(
            space=SearchSpace(**search["space"]),
            cheap=tuple(variant(name, changes, 0) for name, changes in cheap.items()),
            long=variant(LONG, study["long"], 1, 2),
            architectures=architectures,
            seed=seed,
            imports=custom_imports(config),
        )

    @property
    def variants(self) -> tuple[Variant, ...]:
        """All ways to evaluate."""
        return (*self.cheap, self.long)

    def missing(self, records: RankRecords) -> list[tuple[Variant, tuple[int, ...], int]]:
        """Evaluations that no record has, one way to evaluate after the other."""
        return [
            (variant, sequence, seed)
            for variant in self.variants
            for sequence in self.keys
            for seed in variant.seeds
            if (variant.settings, self.keys[sequence], seed) not in records
        ]

    def run(
        self,
        records: RankRecords,
        *,
        make_workers: Callable[..., BaseWorkerPool],
        on_evaluation: Callable[[], None] = lambda: None,
    ) -> None:
        """Make all evaluations that are missing; what fails is recorded as failed.

        Args:
            records: Where they go.
            make_workers: Makes the workers from an evaluator's config and ``imports``.
            on_evaluation: Called after each.

        Raises:
            EvaluatorError: An evaluator cannot be built.
        """
        for variant in self.variants:
            todo = [(seq, seed) for other, seq, seed in self.missing(records) if other is variant]
            if not todo:
                continue
            with make_workers(variant.evaluator, imports=self.imports) as pool:
                waiting = deque(enumerate(todo))
                under_way = 0
                while waiting or under_way:
                    while waiting and under_way < pool.size:
                        number, (sequence, seed) = waiting.popleft()
                        architecture = self.space.decode(sequence).to_dict()
                        pool.submit(EvaluationJob(number, architecture, seed, bar=None))
                        under_way += 1
                    for result in pool.wait():
                        under_way -= 1
                        records.add(self._record(variant, *todo[result.number], result))
                        on_evaluation()

    def _record(
        self, variant: Variant, sequence: tuple[int, ...], seed: int, result: JobResult
    ) -> RankRecord:
        found = result.evaluation
        return RankRecord(
            variant=variant.name,
            settings=variant.settings,
            key=self.keys[sequence],
            sequence=sequence,
            seed=seed,
            seconds=result.seconds,
            curve=() if found is None else found.curve or ((1, found.reward),),
            metrics=None if found is None else dict(found.metrics),
            error=result.error,
        )
