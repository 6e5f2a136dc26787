"""Picture of a comparison: one point a strategy, one axis a task, as in figure 3."""

from pathlib import Path
from typing import Any

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

    Returns:
        Whether there was anything to draw; otherwise nothing is written.

    Raises:
        ValueError: The experiment has no axes.
    """
    figure = scatter_figure(comparison)
    if figure is None:
        return False
    with atomic_write(file) as stream:
        FigureCanvasAgg(figure).print_png(stream)
    return True


def scatter_figure(comparison: Comparison) -> Figure | None:
    """What :func:`draw_scatter` draws: a panel a group; None without a point.

    Bars are standard deviations over the seeds. A label has one color and marker in all panels.
    """
    metrics = comparison.experiment.scatter
    if metrics is None:
        raise ValueError(f"{comparison.experiment.name} has no axes for a scatter plot.")
    points = [report for report in comparison.rows if _has_both(report, metrics)]
    if not points:
        return None
    titles = list(dict.fromkeys(report.group.title for report in points))
    order = {label: i for i, label in enumerate(dict.fromkeys(r.row.label for r in points))}
    figure = Figure(figsize=(2.2 + 5 * len(titles), 5.4), dpi=120, layout="constrained")
    panels = figure.subplots(1, len(titles), squeeze=False, sharex=True, sharey=True)
    legend: dict[str, Any] = {}
    for axes, title in zip(panels[0], titles, strict=True):
        for report in comparison.rows:
            if report.group.title != title:
                continue
            if _has_both(report, metrics):
                _draw_point(axes, report, metrics, order[report.row.label])
            else:
                _draw_line(axes, report, metrics)
        _label(axes, metrics)
        axes.grid(alpha=0.3)
        if len(titles) > 1:
            axes.set_title(title, fontsize=9)
        handles, labels = axes.get_legend_handles_labels()
        legend = dict(zip(labels, handles, strict=True)) | legend
    setting = comparison.setting
    seeds = f"{len(setting.seeds)} seed{'s' if len(setting.seeds) > 1 else ''}"
    figure.suptitle(f"{DATA[setting.data]}, schedule {setting.schedule}, {seeds}", fontsize=10)
    figure.legend(
        list(legend.values()),
        list(legend),
        loc="outside right center",
        fontsize=9,
        frameon=False,
    )
    return figure


def _has_both(report: RowReport, metrics: tuple[Metric, Metric]) -> bool:
    return all(metric.name in report.summaries for metric in metrics)


def _label(axes: Axes, metrics: tuple[Metric, Metric]) -> None:
    axes.set_xlabel(f"{metrics[0].label}, better →")
    axes.set_ylabel(f"{metrics[1].label}, better →")
    axes.xaxis.set_inverted(metrics[0].better == "down")
    axes.yaxis.set_inverted(metrics[1].better == "down")


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
