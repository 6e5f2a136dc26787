"""Does a cheap evaluation rank candidates as a long training does?"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mmaux.registry import SEARCH_EVALUATORS

from .canonical_key import canonical_key
from .evaluators import BaseEvaluator
from .rank_records import RankRecord, RankRecords
from .space import SearchSpace

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
        keys: The sequences drawn, with their canonical keys.
    """

    space: SearchSpace
    cheap: tuple[Variant, ...]
    long: Variant
    architectures: int
    seed: int = 0
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
        )

    @property
    def variants(self) -> tuple[Variant, ...]:
        """All ways to evaluate."""
        return (*self.cheap, self.long)

    def missing(self, records: RankRecords) -> list[tuple[Variant, tuple[int, ...], int]]:
        """Evaluations that no record has, architecture by architecture."""
        return [
            (variant, sequence, seed)
            for sequence in self.keys
            for variant in self.variants
            for seed in variant.seeds
            if (variant.settings, self.keys[sequence], seed) not in records
        ]

    def run(
        self,
        records: RankRecords,
        *,
        device: str = "cpu",
        on_evaluation: Callable[[], None] = lambda: None,
    ) -> None:
        """Make all evaluations that are missing; what fails is recorded as failed.

        Args:
            records: Where they go.
            device: Where to evaluate.
            on_evaluation: Called after each.
        """
        evaluators: dict[str, BaseEvaluator] = {}
        for variant, sequence, seed in self.missing(records):
            if variant.settings not in evaluators:
                evaluators[variant.settings] = SEARCH_EVALUATORS.build(
                    {**variant.evaluator, "device": device}
                )
            if (variant.settings, self.keys[sequence], seed) not in records:
                evaluator = evaluators[variant.settings]
                records.add(self._evaluated(evaluator, variant, sequence, seed))
            on_evaluation()

    def _evaluated(
        self, evaluator: BaseEvaluator, variant: Variant, sequence: tuple[int, ...], seed: int
    ) -> RankRecord:
        outcome: dict[str, Any]
        start = time.perf_counter()
        try:
            found = evaluator.evaluate(self.space.decode(sequence), seed=seed)
            outcome = {
                "curve": found.curve or ((1, found.reward),),
                "metrics": dict(found.metrics),
            }
        except Exception as error:
            outcome = {"error": f"{type(error).__name__}: {error}"}
        return RankRecord(
            variant=variant.name,
            settings=variant.settings,
            key=self.keys[sequence],
            sequence=sequence,
            seed=seed,
            seconds=time.perf_counter() - start,
            **outcome,
        )
