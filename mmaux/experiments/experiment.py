"""What an experiment is: rows of configs to be compared, and the paper's own numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

DATA = {
    "nyud": "NYUD-v2",
    "sunrgbd": "SUN RGB-D",
    "rooms": "rooms (rendered, synthetic)",
}
"""Data sets by the name that ends a config's, with their names in words."""


@dataclass(frozen=True)
class Metric:
    """A column of a table.

    Attributes:
        name: Name among the results of the test, or of a logged scalar.
        label: Head of the column, with its unit.
        better: ``'up'`` or ``'down'``; empty where neither is.
        digits: Decimals to show.
        of_curve: Which value of a logged scalar counts: the last one, or the median.
    """

    name: str
    label: str
    better: str
    digits: int
    of_curve: Literal["last", "median"] = "last"


PIXEL_ACCURACY = Metric("semseg/aAcc", "Pixel Acc. (%)", "up", 2)
MIOU = Metric("semseg/mIoU", "mIoU (%)", "up", 2)
REL_ERROR = Metric("depth/abs_rel", "Rel Error", "down", 4)
RMS_ERROR = Metric("depth/rmse", "RMS Error (m)", "down", 4)
MEAN_ANGLE = Metric("normal/mean", "Mean Error (°)", "down", 2)
SCENE_ACCURACY = Metric("scene/accuracy", "Scene Acc. (%)", "up", 2)
ENCODER_DISTANCE = Metric("distance/backbone", "Encoder's distance from its start", "", 3)
"""Of :class:`mmaux.engine.hooks.ParameterDistanceHook`; neither more nor less is better."""
SECONDS = Metric("time", "Seconds an iteration", "down", 3, of_curve="median")
"""Of the machine as it was then, other work on it included."""


@dataclass(frozen=True)
class Row:
    """A row of a table: one way to train a network.

    Attributes:
        label: The paper's name for it.
        strategy: First part of the run's name, and of the config's,
            ``{strategy}_{network}_{data}.py``, unless ``base`` names another.
        starts_from: Strategy of the run of the same network and seed whose last checkpoint this
            one starts from.
        lr_factor: What the initial learning rate is multiplied by. A row's own config says so
            too; then it is for schedules that are laid over the config and bring a learning rate
            of their own. With ``base`` it always counts.
        paper: The paper's numbers by metric name, in the units of the metrics.
        base: Strategy whose config this row takes with ``options`` laid over it last.
        options: Settings of the config that differ, nested or with dotted names.
    """

    label: str
    strategy: str
    starts_from: str | None = None
    lr_factor: float = 1.0
    paper: Mapping[str, float] = field(default_factory=dict)
    base: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Rows of one network, compared with one of them and with its single-task runs.

    Attributes:
        title: The paper's name of the network.
        network: Middle part of the configs' names.
        rows: The rows in the order of the table.
        reference: Strategy of the run that differences are taken from.
        singles: Strategies of the single-task runs that the multi-task gain refers to.
    """

    title: str
    network: str
    rows: tuple[Row, ...]
    reference: str
    singles: tuple[str, ...]

    def row(self, strategy: str) -> Row:
        """The row of a strategy.

        Raises:
            ValueError: There is none.
        """
        for row in self.rows:
            if row.strategy == strategy:
                return row
        known = ", ".join(row.strategy for row in self.rows)
        raise ValueError(f"group {self.title!r} has no row {strategy!r}; it has {known}.")

    def config_name(self, strategy: str, data: str) -> str:
        """Name of a row's run; of its config too, without ``.py``, if it has one of its own."""
        return f"{strategy}_{self.network}_{data}"

    def config_file(self, row: Row, data: str) -> str:
        """Name of the config that a row takes."""
        return f"{self.config_name(row.base or row.strategy, data)}.py"


@dataclass(frozen=True)
class Experiment:
    """A table or figure of the paper.

    Attributes:
        name: Name on the command line.
        title: Heading of the report.
        paper_data: Data set of the paper's numbers; None: there are none.
        metrics: Columns.
        groups: Rows by network.
        note: What a reader must know about the paper's numbers.
        scatter: Metrics of the horizontal and the vertical axis of a scatter plot.
    """

    name: str
    title: str
    paper_data: str | None
    metrics: tuple[Metric, ...]
    groups: tuple[Group, ...]
    note: str
    scatter: tuple[Metric, Metric] | None = None

    def rows(self) -> Iterator[tuple[Group, Row]]:
        """All rows with their groups, in the order of the table."""
        for group in self.groups:
            for row in group.rows:
                yield group, row
