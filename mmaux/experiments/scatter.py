"""Figure 3's picture: one point a strategy, one axis a task."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmaux.utils.files import atomic_write

from .comparison import Comparison, RowReport
from .experiment import DATA, Metric

_COLORS = ("#4c72b0", "#dd8452", "#55a868", "#c44e52", "#8172b3", "#937860", "#da8bc3", "#8c8c8c")
_MARKERS = "os^DvP*X"


def draw_scatter(comparison: Comparison, file: Path) -> bool:
    """Draw rows with both metrics as points, those with one as dotted lines; better is top right.

    Bars are standard deviations over the seeds.

    Returns:
        Whether there was anything to draw; otherwise nothing is written.

    Raises:
        ValueError: The experiment has no axes.
    """
    if comparison.experiment.scatter is None:
        raise ValueError(f"{comparison.experiment.name} has no axes for a scatter plot.")
    axes_metrics = comparison.experiment.scatter
    points = [
        report
        for report in comparison.rows
        if all(metric.name in report.summaries for metric in axes_metrics)
    ]
    if not points:
        return False
    figure = Figure(figsize=(7.2, 5.4), dpi=120, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for index, report in enumerate(points):
        _draw_point(axes, report, axes_metrics, index)
    for report in comparison.rows:
        if report not in points:
            _draw_line(axes, report, axes_metrics)
    for metric, set_label, invert in (
        (axes_metrics[0], axes.set_xlabel, axes.invert_xaxis),
        (axes_metrics[1], axes.set_ylabel, axes.invert_yaxis),
    ):
        set_label(f"{metric.label}, better →")
        if metric.better == "down":
            invert()
    setting = comparison.setting
    seeds = f"{len(setting.seeds)} seed{'s' if len(setting.seeds) > 1 else ''}"
    axes.set_title(f"{DATA[setting.data]}, schedule {setting.schedule}, {seeds}", fontsize=10)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", fontsize=9, frameon=False)
    with atomic_write(file) as stream:
        canvas.print_png(stream)
    return True


def _draw_point(axes: Axes, report: RowReport, metrics: tuple[Metric, Metric], index: int) -> None:
    x, y = (report.summaries[metric.name] for metric in metrics)
    axes.errorbar(
        x.mean,
        y.mean,
        xerr=x.spread,
        yerr=y.spread,
        fmt=_MARKERS[index // len(_COLORS) % len(_MARKERS)],
        color=_COLORS[index % len(_COLORS)],
        capsize=2,
        elinewidth=0.8,
        markersize=7,
        label=report.row.label,
    )


def _draw_line(axes: Axes, report: RowReport, metrics: tuple[Metric, Metric]) -> None:
    for metric, draw in zip(metrics, (axes.axvline, axes.axhline), strict=True):
        if metric.name in report.summaries:
            draw(
                report.summaries[metric.name].mean,
                linestyle=":",
                color="#444444" if draw == axes.axvline else "#999999",
                label=report.row.label,
            )
