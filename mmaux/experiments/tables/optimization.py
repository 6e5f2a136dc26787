"""From T losses to one update: alternation (Pascal et al., 2109.11678) beside its rivals."""

from typing import Any

from mmaux.experiments.experiment import (
    ENCODER_DISTANCE,
    MIOU,
    RMS_ERROR,
    SCENE_ACCURACY,
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
    """The averaged objective at three learning rates, so that it is tuned at least as well."""
    options = _options(type="mmaux.Scalarization", scalarizer="Mean")
    return (
        Row("Averaged", f"mean_{base}", base=base, options=options),
        Row("Averaged, lr / 3", f"mean_low_{base}", base=base, options=options, lr_factor=1 / 3),
        Row("Averaged, lr x 3", f"mean_high_{base}", base=base, options=options, lr_factor=3.0),
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
        _scalarized("FAMO", base, "FAMO"),
        _aggregated("PCGrad", base, "PCGrad"),
        _aggregated("CAGrad", base, {"type": "CAGrad", "c": 0.4}),
        _aggregated("Nash-MTL", base, "NashMTL"),
        _aggregated("UPGrad", base, "UPGrad"),
    )


OPTIMIZATION = Experiment(
    name="optimization",
    title="From T losses to one update",
    paper_data=None,
    metrics=(MIOU, RMS_ERROR, SCENE_ACCURACY, ENCODER_DISTANCE),
    note="All rows train the same network on the same batches; alternation takes a step for each "
    "group on each of them. Every method has the schedule's learning rate, and the averaged "
    "objective two further ones.",
    groups=(
        Group(
            title="Segmentation and depth",
            network="mbv2",
            joint="mean_joint",
            singles=("single_semseg", "single_depth"),
            rows=(
                Row("Single-T_1", "single_semseg"),
                Row("Single-T_2", "single_depth"),
                *_averaged("joint"),
                _alternating("Alternating, shared state", "joint", "shared"),
                _alternating("Alternating, state of each task", "joint", "per_task"),
                *_rivals("joint"),
            ),
        ),
        Group(
            title="Segmentation, depth and scene",
            network="mbv2",
            joint="mean_joint_scene",
            singles=("single_semseg", "single_depth", "single_scene"),
            rows=(
                Row("Single-T_1", "single_semseg"),
                Row("Single-T_2", "single_depth"),
                Row("Single-T_3", "single_scene"),
                *_averaged("joint_scene"),
                _alternating("Alternating, shared state", "joint_scene", "shared"),
                _alternating("Alternating, state of each task", "joint_scene", "per_task"),
                _alternating("G = 2, state of each task", "joint_scene", "per_task", groups=2),
                *_rivals("joint_scene"),
            ),
        ),
    ),
)
