"""From T losses to one update: alternation (Pascal et al., 2109.11678) beside its rivals."""

from typing import Any

from mmaux.experiments.experiment import (
    ENCODER_DISTANCE,
    MEAN_ANGLE,
    MIOU,
    RMS_ERROR,
    SCENE_ACCURACY,
    SECONDS,
    Experiment,
    Group,
    Row,
)

_RECORD = {
    "custom_hooks": [
        {"type": "mmaux.TaskDataCheckHook"},
        {"type": "mmaux.ParameterDistanceHook", "modules": ("backbone",), "interval": 50},
    ]
}


def _options(**method: Any) -> dict[str, Any]:
    wrapper = {"type": "mmaux.MultiTaskOptimWrapper", "method": method}
    return {**_RECORD, "optim_wrapper": wrapper}


def _row(label: str, strategy: str, base: str, **method: Any) -> Row:
    return Row(label, strategy, base=base, options=_options(**method))


def _averaged(base: str) -> tuple[Row, ...]:
    """The averaged objective, tuned at least as well as its rivals.

    At three learning rates, and with twice the weight for segmentation, the task that suffers from
    joint training on rooms (docs/results.md).
    """
    options = _options(type="mmaux.Scalarization", scalarizer="Mean")
    weighted = {"type": "mmaux.Scalarization", "scalarizer": "Mean", "weights": {"semseg": 2.0}}
    return (
        Row("Averaged", f"mean_{base}", base=base, options=options),
        Row("Averaged, lr / 3", f"mean_low_{base}", base=base, options=options, lr_factor=1 / 3),
        Row("Averaged, lr x 3", f"mean_high_{base}", base=base, options=options, lr_factor=3.0),
        _row("Averaged, segmentation x 2", f"mean_semseg2_{base}", base, **weighted),
    )


def _scalarized(label: str, base: str, scalarizer: str, **options: Any) -> Row:
    name = f"{scalarizer.lower()}_{base}"
    return _row(label, name, base, type="mmaux.Scalarization", scalarizer=scalarizer, **options)


def _aggregated(label: str, base: str, aggregator: Any) -> Row:
    kind = aggregator if isinstance(aggregator, str) else aggregator["type"]
    name = f"{kind.lower()}_{base}"
    return _row(label, name, base, type="mmaux.Aggregation", aggregator=aggregator)


def _alternating(label: str, base: str, state: str, groups: int | None = None) -> Row:
    name = f"alternation{groups or ''}_{state}_{base}"
    return _row(label, name, base, type="mmaux.Alternation", state=state, groups=groups)


def _rivals(base: str) -> tuple[Row, ...]:
    return (
        _scalarized("Uncertainty", base, "UW"),
        _scalarized("DWA", base, "DWA", window=50),
        _scalarized("GLS", base, "GeometricMean"),
        _scalarized("FAMO", base, "FAMO"),
        _row(
            "GradNorm", f"gradnorm_{base}", base, type="mmaux.GradNorm", layers=["backbone.layer7"]
        ),
        _aggregated("MGDA", base, "MGDA"),
        _aggregated("PCGrad", base, "PCGrad"),
        _aggregated("CAGrad", base, {"type": "CAGrad", "c": 0.4}),
        _aggregated("IMTL-G", base, "IMTLG"),
        _aggregated("Nash-MTL", base, "NashMTL"),
        _aggregated("UPGrad", base, "UPGrad"),
    )


def _group(title: str, base: str, *tasks: str) -> Group:
    """All methods on the network and the tasks of the config ``{base}_mbv2_rooms.py``."""
    singles = tuple(f"single_{task}" for task in tasks)
    alternating = [
        _alternating("Alternating, shared state", base, "shared"),
        _alternating("Alternating, state of each task", base, "per_task"),
    ]
    if len(tasks) > 2:  # two groups of two tasks are the row above
        alternating.append(_alternating("G = 2, state of each task", base, "per_task", groups=2))
    return Group(
        title=title,
        network="mbv2",
        reference=f"mean_{base}",
        singles=singles,
        rows=(
            *(Row(f"Single, {task}", single) for task, single in zip(tasks, singles, strict=True)),
            *_averaged(base),
            *alternating,
            *_rivals(base),
        ),
    )


_NOTE = (
    "All rows of a group train the same network on the same batches; alternation takes a step for "
    "each task group on each of them. Every method has the schedule's learning rate; the averaged "
    "objective has two further ones, and a row with twice the weight for segmentation. Seconds are "
    "those of the machine as it was then."
)

OPTIMIZATION = Experiment(
    name="optimization",
    title="From T losses to one update",
    paper_data=None,
    metrics=(MIOU, RMS_ERROR, SCENE_ACCURACY, ENCODER_DISTANCE, SECONDS),
    note=_NOTE,
    scatter=(MIOU, RMS_ERROR),
    groups=(
        _group("Segmentation and depth", "joint", "semseg", "depth"),
        _group("Segmentation, depth and scene", "joint_scene", "semseg", "depth", "scene"),
    ),
)
OPTIMIZATION_ALL = Experiment(
    name="optimization_all",
    title="From T losses to one update, with surface normals",
    paper_data=None,
    metrics=(MIOU, RMS_ERROR, MEAN_ANGLE, SCENE_ACCURACY, ENCODER_DISTANCE, SECONDS),
    note=_NOTE,
    scatter=(MIOU, RMS_ERROR),
    groups=(
        _group("Segmentation, depth and normals", "joint_all", "semseg", "depth", "normal"),
        _group(
            "Segmentation, depth, normals and scene",
            "joint_all_scene",
            *("semseg", "depth", "normal", "scene"),
        ),
    ),
)
