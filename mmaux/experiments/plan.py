"""Which runs an experiment takes, ready to be started, in an order that respects what they need."""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mmengine.config import Config

import mmaux

from .experiment import DATA, Experiment, Group, Row
from .run_result import is_finished
from .schedule import OVERLAYS, apply_schedule

CONFIGS = Path(mmaux.__file__).parent / ".mim" / "configs"
"""The configs: a link to ``configs/`` in a checkout, copies in an installation."""

SCHEDULES = ("paper", *OVERLAYS)
"""``paper``: the config's own; the others are laid over it."""

_LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
_VALIDATION = ("val_cfg", "val_dataloader", "val_evaluator")
_POINTS = 200


class MissingConfigError(FileNotFoundError):
    """A row's config does not exist."""


@dataclass(frozen=True)
class Setting:
    """What all runs of an experiment share.

    Attributes:
        data: Name of the data set, one of :data:`mmaux.experiments.experiment.DATA`.
        schedule: One of :data:`SCHEDULES`.
        seeds: Seeds.
        out: Folder of all runs and reports.
        data_root: Folder of the data set, in place of the configs' own.
        configs: Folder of the configs.
        backbone_weights: File or address of weights that backbones start from, in place of the
            configs' own.
    """

    data: str
    schedule: str
    seeds: tuple[int, ...]
    out: Path
    data_root: Path | None = None
    configs: Path = CONFIGS
    backbone_weights: str | None = None

    def run_folder(self, config_name: str, seed: int) -> Path:
        """Folder of a run. Experiments that need the same run share it."""
        return self.out / "runs" / self.schedule / config_name / f"seed_{seed}"


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
        ValueError: A row starts from one that the group does not have, or two rows from each other.
    """
    _check_configs(experiment, setting)
    configs = {
        group.config_name(row.strategy, setting.data): load_config(group, row, setting)
        for group, row in _runnable(experiment)
    }
    runs: dict[Path, PlannedRun] = {}
    for seed in setting.seeds:
        for group, row in _runnable(experiment):
            for ancestor in _with_ancestors(group, row):
                name = group.config_name(ancestor.strategy, setting.data)
                folder = setting.run_folder(name, seed)
                if folder in runs:
                    continue
                needs = None
                if ancestor.starts_from is not None:
                    start = group.config_name(ancestor.starts_from, setting.data)
                    needs = setting.run_folder(start, seed)
                runs[folder] = PlannedRun(name, seed, configs[name], folder, needs)
    return list(runs.values())


def load_config(group: Group, row: Row, setting: Setting) -> Config:
    """The complete config of a row.

    The schedule is laid over the config, the data folder and the backbone's weights set, and
    validation during training left out: nothing is selected by it, the last checkpoint is the one
    that is tested. Losses are logged at least 200 times, for their curve.

    Raises:
        FileNotFoundError: There is no file of weights.
    """
    file = setting.configs / f"{group.config_name(row.strategy, setting.data)}.py"
    config = Config.fromfile(file)
    if setting.schedule != "paper":
        config = apply_schedule(config, setting.schedule)
        optimizer = config.optim_wrapper.optimizer
        optimizer.lr = optimizer.lr * row.lr_factor
    result = Config(copy.deepcopy(config.to_dict()), filename=config.filename)
    if setting.data_root is not None:
        for loader in _LOADERS:
            result.merge_from_dict({f"{loader}.dataset.data_root": str(setting.data_root)})
    if setting.backbone_weights is not None:
        weights = _find_weights(setting.backbone_weights)
        result.model.backbone.init_cfg = {"type": "Pretrained", "checkpoint": weights}
    for key in _VALIDATION:
        result[key] = None
    logger = result.default_hooks.logger
    logger.interval = max(1, min(logger.get("interval", 10), result.train_cfg.max_iters // _POINTS))
    return result


def _find_weights(place: str) -> str:
    if "://" in place:
        return place
    if not Path(place).is_file():
        raise FileNotFoundError(f"backbone_weights: there is no file '{place}'.")
    return str(Path(place).resolve())


def select_rows(experiment: Experiment, strategies: Sequence[str]) -> Experiment:
    """The experiment with some of its rows, and those that they start from.

    Raises:
        ValueError: A strategy is none of the experiment's.
    """
    known = dict.fromkeys(row.strategy for _, row in experiment.rows())
    unknown = [strategy for strategy in strategies if strategy not in known]
    if unknown:
        raise ValueError(
            f"rows: {experiment.name} has no {', '.join(unknown)}; it has {', '.join(known)}."
        )
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


def missing_runs(runs: Iterable[PlannedRun]) -> list[PlannedRun]:
    """Those that are not finished."""
    return [run for run in runs if not is_finished(run.folder)]


def _runnable(experiment: Experiment) -> list[tuple[Group, Row]]:
    return [(group, row) for group, row in experiment.rows() if row.needs is None]


def _with_ancestors(group: Group, row: Row) -> list[Row]:
    """The rows that must have run before, the first one first, and the row."""
    chain = [row]
    while chain[0].starts_from is not None:
        chain.insert(0, group.row(chain[0].starts_from))
        if chain[0] in chain[1:]:
            names = " from ".join(entry.strategy for entry in reversed(chain))
            raise ValueError(f"group {group.title!r}: rows start from each other: {names}.")
    return chain


def _check_configs(experiment: Experiment, setting: Setting) -> None:
    if setting.data not in DATA:
        raise ValueError(f"data: found {setting.data!r}, expected one of {', '.join(DATA)}.")
    files = [
        setting.configs / f"{group.config_name(row.strategy, setting.data)}.py"
        for group, row in _runnable(experiment)
    ]
    missing = [file for file in dict.fromkeys(files) if not file.is_file()]
    if missing:
        raise MissingConfigError(
            f"{experiment.name} on {setting.data} needs configs that do not exist:\n"
            + "\n".join(f"  {file}" for file in missing)
            + "\nWrite them by inheritance from their neighbours, or leave their rows out (--rows)."
        )
