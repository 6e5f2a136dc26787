"""Which runs an experiment takes, ready to be started, in an order that respects what they need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mmengine.config import Config

from .experiment import DATA, Experiment, Group, Row
from .row_config import load_config, load_pretraining_config
from .run_result import is_finished
from .setting import Setting


class MissingConfigError(FileNotFoundError):
    """A row's config does not exist."""


@dataclass(frozen=True)
class PlannedRun:
    """A run, not necessarily done.

    Attributes:
        name: Name of its config.
        seed: Seed.
        config: The complete config, schedule and data included.
        folder: Its folder.
        needs: Folder of the run that it starts from.
    """

    name: str
    seed: int
    config: Config = field(compare=False, repr=False)
    folder: Path
    needs: Path | None

    @property
    def iterations(self) -> int:
        """Length of the training."""
        return int(self.config.train_cfg.max_iters)

    @property
    def title(self) -> str:
        """Name for people."""
        return f"{self.name}, seed {self.seed}"


def plan_runs(experiment: Experiment, setting: Setting) -> list[PlannedRun]:
    """All runs of an experiment, each after the one that it starts from.

    All rows of the first seed come before those of the second, so that an early report has them
    all; a config that several rows share is planned once.

    Raises:
        MissingConfigError: Configs of rows are missing; all of them are named.
        ValueError: A row starts from one that the group does not have, or two rows from each
            other; or the schedule does not fit the experiment.
    """
    _check_schedule(experiment, setting)
    _check_configs(experiment, setting)
    configs = {
        group.config_name(row.strategy, setting.data): load_config(group, row, setting)
        for group, row in experiment.rows()
    }
    runs: dict[Path, PlannedRun] = {}
    for seed in setting.seeds:
        for group, row in experiment.rows():
            for ancestor in _with_ancestors(group, row):
                name = group.config_name(ancestor.strategy, setting.data)
                folder = setting.run_folder(name, seed)
                if folder in runs:
                    continue
                needs = None
                if ancestor.starts_from is not None:
                    start = group.config_name(ancestor.starts_from, setting.data)
                    needs = setting.run_folder(start, seed)
                if setting.schedule == "expansion":
                    needs = setting.pretraining_folder(name, seed)
                    before = load_pretraining_config(group, ancestor, setting)
                    runs[needs] = PlannedRun(f"{name} (pre-training)", seed, before, needs, None)
                runs[folder] = PlannedRun(name, seed, configs[name], folder, needs)
    return list(runs.values())


def select_rows(experiment: Experiment, strategies: Sequence[str]) -> Experiment:
    """The experiment with some of its rows, and those that they start from.

    Raises:
        ValueError: A strategy is none of the experiment's.
    """
    _ensure_known(experiment, strategies, option="rows")
    groups = []
    for group in experiment.groups:
        wanted = {
            ancestor.strategy
            for row in group.rows
            if row.strategy in strategies
            for ancestor in _with_ancestors(group, row)
        }
        rows = tuple(row for row in group.rows if row.strategy in wanted)
        if rows:
            groups.append(replace(group, rows=rows))
    return replace(experiment, groups=tuple(groups))


def compare_with(experiment: Experiment, strategy: str) -> Experiment:
    """The experiment with another row for its differences, in the groups that have it.

    Raises:
        ValueError: No group has it.
    """
    _ensure_known(experiment, [strategy], option="against")
    groups = [
        replace(group, reference=strategy)
        if any(row.strategy == strategy for row in group.rows)
        else group
        for group in experiment.groups
    ]
    return replace(experiment, groups=tuple(groups))


def _ensure_known(experiment: Experiment, strategies: Sequence[str], *, option: str) -> None:
    known = dict.fromkeys(row.strategy for _, row in experiment.rows())
    unknown = [strategy for strategy in strategies if strategy not in known]
    if unknown:
        raise ValueError(
            f"{option}: {experiment.name} has no {', '.join(unknown)}; it has {', '.join(known)}."
        )


def missing_runs(runs: Iterable[PlannedRun]) -> list[PlannedRun]:
    """Those that are not finished."""
    return [run for run in runs if not is_finished(run.folder)]


def _with_ancestors(group: Group, row: Row) -> list[Row]:
    """The rows that must have run before, the first one first, and the row."""
    chain = [row]
    while chain[0].starts_from is not None:
        chain.insert(0, group.row(chain[0].starts_from))
        if chain[0] in chain[1:]:
            names = " from ".join(entry.strategy for entry in reversed(chain))
            raise ValueError(f"group {group.title!r}: rows start from each other: {names}.")
    return chain


def _check_schedule(experiment: Experiment, setting: Setting) -> None:
    if setting.schedule != "expansion":
        return
    if setting.data != "nyud":
        raise ValueError(
            f"schedule 'expansion' pre-trains for NYUD-v2; found the data {setting.data!r}."
        )
    rows = [row.label for _, row in experiment.rows() if row.starts_from is not None]
    if rows:
        raise ValueError(
            f"schedule 'expansion': {', '.join(rows)} of {experiment.name} start from other runs, "
            "not from a pre-training; the paper pre-trains the rows of tables 1 to 3."
        )


def _check_configs(experiment: Experiment, setting: Setting) -> None:
    if setting.data not in DATA:
        raise ValueError(f"data: found {setting.data!r}, expected one of {', '.join(DATA)}.")
    files = [
        setting.configs / group.config_file(row, setting.data) for group, row in experiment.rows()
    ]
    missing = [file for file in dict.fromkeys(files) if not file.is_file()]
    if missing:
        raise MissingConfigError(
            f"{experiment.name} on {setting.data} needs configs that do not exist:\n"
            + "\n".join(f"  {file}" for file in missing)
            + "\nWrite them by inheritance from their neighbours, or leave their rows out (--rows)."
        )
