"""One pass over a split."""

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmaux.utils.progress import progress_bar

from .inspectors import inspector_of
from .listing import SplitListing
from .loaded_sample import ListedSample, LoadedSample, load_sample
from .pipeline_inspection import PipelineInspection
from .problem import Problem
from .sample_panels import write_panels
from .target_inspector import TargetInspector

_MIN_DRAWS = 16


@dataclass
class SplitReport:
    """What a pass over a split found.

    Attributes:
        name: The split.
        num_samples: Samples looked at.
        num_listed: Samples in the list whose image exists.
        tables: Lines of the report by task.
        notes: What is unusual but allowed.
        problems: What is wrong.
        seconds: Time taken, without drawing panels.
        num_panels: Pictures written.
    """

    name: str
    num_samples: int = 0
    num_listed: int = 0
    tables: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0
    num_panels: int = 0


def evenly_spaced(total: int, number: int | None) -> list[int]:
    """At most ``number`` indices spread over ``range(total)``; all of them if it is None."""
    if number is None or number >= total:
        return list(range(total))
    if number <= 0:
        return []
    return sorted({int(i) for i in np.linspace(0, total - 1, number).round()})


def inspect_split(
    listing: SplitListing,
    *,
    config_name: str,
    max_samples: int | None = None,
    num_panels: int = 0,
    panel_dir: Path | None = None,
) -> SplitReport:
    """Load, count and judge the samples of a split, and what its pipeline makes of them.

    Memory does not grow with the number of samples but for their paths and their problems. The
    pipeline is checked for training splits only, on samples without a problem.

    Args:
        listing: The split.
        config_name: Config file, named in problems of the pipeline.
        max_samples: Look at that many, spread evenly over the split.
        num_panels: Number of samples to draw.
        panel_dir: Folder of the panels.
    """
    report = SplitReport(
        listing.name, num_listed=len(listing.samples), problems=list(listing.problems)
    )
    chosen = [listing.samples[i] for i in evenly_spaced(len(listing.samples), max_samples)]
    drawn = set(evenly_spaced(len(chosen), num_panels)) if panel_dir is not None else set()
    pipeline = PipelineInspection(f"{config_name} ({listing.name} pipeline)")
    augments = listing.name.startswith("train")
    draws = max(1, math.ceil(_MIN_DRAWS / max(len(chosen), 1)))
    counts = _Counts()
    if chosen:
        with progress_bar(f"{listing.name} samples", total=len(chosen)) as advance:
            for index, sample in enumerate(chosen):
                start = time.perf_counter()
                loaded, problems = load_sample(sample)
                problems += counts.add(sample, loaded)
                report.problems += problems
                packed = None
                if augments and not problems:
                    results = [pipeline.draw(sample, loaded.missing) for _ in range(draws)]
                    packed = next((result for result in results if result is not None), None)
                report.seconds += time.perf_counter() - start
                if panel_dir is not None and index in drawn:
                    stem = f"{listing.name.replace(' ', '_')}_{Path(sample.image_path).stem}"
                    report.num_panels += write_panels(panel_dir / stem, sample, loaded, packed)
                advance()
    report.num_samples = len(chosen)
    report.problems += pipeline.problems()
    report.tables = counts.tables(len(chosen))
    report.notes = counts.notes(len(chosen)) + [
        f"the pipeline of {wrapper} is not checked, only that of the data set inside it"
        for wrapper in listing.wrapper_pipelines
    ]
    return report


class _Counts:
    """The inspectors of a split's tasks and how many files each task has."""

    def __init__(self) -> None:
        self._inspectors: dict[str, TargetInspector] = {}
        self._loaded: Counter[str] = Counter()
        self._missing: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def add(self, sample: ListedSample, loaded: LoadedSample) -> list[Problem]:
        """Count a sample and judge its arrays."""
        dataset = sample.dataset
        for task, target in dataset.targets.items():
            if task not in self._inspectors:
                self._inspectors[task] = inspector_of(target, dataset.metainfo["classes"])
        self._missing.update(loaded.missing)
        self._failed.update(loaded.failed)
        self._loaded.update(list(loaded.arrays))
        return [problem for task in loaded.arrays for problem in self._inspectors[task].add(loaded)]

    def tables(self, total: int) -> dict[str, list[tuple[str, str]]]:
        """Lines of the report by task, the number of files first."""
        tables = {}
        for task, inspector in self._inspectors.items():
            files = f"{self._loaded[task]} of {total} samples"
            if self._missing[task]:
                files += f", {self._missing[task]} without"
            if self._failed[task]:
                files += f", {self._failed[task]} unusable"
            rows = inspector.rows() if self._loaded[task] else []
            tables[task] = [("files", files), *rows]
        return tables

    def notes(self, total: int) -> list[str]:
        """Tasks without any usable file."""
        return [
            f"no sample has a usable {task} target"
            for task in self._inspectors
            if total and not self._loaded[task]
        ]
