"""What the demo found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from mmaux.evaluation import delta_m

from .run_result import RunResult

CONSTANT = "constant"
_COLUMNS = {
    "semseg/mIoU": ("mIoU (%)", "{:.2f}"),
    "semseg/aAcc": ("pixel acc. (%)", "{:.2f}"),
    "depth/abs_rel": ("AbsRel", "{:.3f}"),
    "depth/rmse": ("RMSE (m)", "{:.3f}"),
    "normal/mean": ("mean angle (°)", "{:.2f}"),
}
_LEAST_MIOU = 2.0
_MOST_RMSE = 0.8


@dataclass(frozen=True)
class DemoReport:
    """Metrics of two networks beside those of a constant prediction.

    Attributes:
        metrics: By name (``constant``, then the networks, the baseline first), by metric name.
        train_seconds: Duration of each network's training.
        delta_m: Gain of the second network against the first, in percent, over the headline
            metrics mIoU, RMSE and mean angle; None where the first has a metric of 0 or NaN, to
            which nothing is relative.
    """

    metrics: dict[str, dict[str, float]]
    train_seconds: dict[str, float]
    delta_m: float | None

    def shortfalls(self) -> list[str]:
        """What a network should reach and does not.

        Twice the constant's mIoU at least, and 0.8 of its RMSE at most: otherwise the networks
        have not learnt enough for their difference to mean anything.
        """
        constant, found = self.metrics[CONSTANT], []
        for name in self.train_seconds:
            values = self.metrics[name]
            least = _LEAST_MIOU * constant["semseg/mIoU"]
            if not values["semseg/mIoU"] >= least:
                found.append(f"{name}: mIoU {values['semseg/mIoU']:.2f} %, expected {least:.2f} %")
            most = _MOST_RMSE * constant["depth/rmse"]
            if not values["depth/rmse"] <= most:
                found.append(f"{name}: RMSE {values['depth/rmse']:.3f} m, expected {most:.3f} m")
        return found

    def table(self) -> Table:
        """The metrics as a table; delta_m stands beside the second network."""
        table = Table(title="tested on rendered rooms (synthetic)")
        table.add_column("")
        for title, _ in _COLUMNS.values():
            table.add_column(title, justify="right")
        table.add_column("delta_m (%)", justify="right")
        *others, last = self.metrics
        for name in (*others, last):
            values = [form.format(self.metrics[name][key]) for key, (_, form) in _COLUMNS.items()]
            table.add_row(name, *values, self._gain() if name == last else "")
        return table

    def _gain(self) -> str:
        return "undefined" if self.delta_m is None else f"{self.delta_m:+.2f}"

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def make_report(constant: Mapping[str, float], networks: Mapping[str, RunResult]) -> DemoReport:
    """Put the results together.

    Args:
        constant: Metrics of the constant prediction.
        networks: The baseline's result, then that of the network to compare with it.
    """
    metrics = {CONSTANT: dict(constant)}
    metrics |= {name: dict(result.metrics) for name, result in networks.items()}
    baseline, compared = networks
    gain: float | None
    try:
        gain = delta_m(metrics[compared], metrics[baseline])
    except ValueError:
        gain = None
    return DemoReport(
        metrics=metrics,
        train_seconds={name: result.train_seconds for name, result in networks.items()},
        delta_m=gain,
    )
