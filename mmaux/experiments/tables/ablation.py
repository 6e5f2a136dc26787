"""What an auxiliary module's effect comes from: a comparison of ours, not of the paper."""

from typing import Any

from mmaux.experiments.experiment import MIOU, REL_ERROR, RMS_ERROR, Experiment, Group, Row


def _heavier_segmentation(weight: float) -> dict[str, Any]:
    loss = {"type": "mmseg.CrossEntropyLoss", "avg_non_ignore": True, "loss_weight": weight}
    return {"model": {"heads": {"semseg": {"loss": loss}}}}


def _module(**options: Any) -> dict[str, Any]:
    return {"model": {"auxiliary": options}}


ABLATION = Experiment(
    name="ablation",
    title="Where the effect of auxiliary modules comes from",
    paper_data=None,
    metrics=(MIOU, REL_ERROR, RMS_ERROR),
    note="A task's auxiliary loss adds to its gradient in the shared layers, as a larger weight of "
    "its main loss would. Rows of weights tell this effect from that of the module's structure.",
    groups=(
        Group(
            title="Baseline",
            network="mbv2",
            reference="joint",
            singles=("single_semseg", "single_depth"),
            rows=(
                Row("Single-T_1", "single_semseg"),
                Row("Single-T_2", "single_depth"),
                Row("Joint", "joint"),
                Row(
                    "Joint, segmentation x 2",
                    "joint_semseg2",
                    base="joint",
                    options=_heavier_segmentation(2.0),
                ),
                Row("Auxi-T_1", "auxi_semseg"),
                Row("Auxi-both", "auxi_both"),
                Row(
                    "Auxi-both, weight 0.3",
                    "auxi_both_light",
                    base="auxi_both",
                    options=_module(loss_weight=0.3),
                ),
                Row(
                    "Auxi-both, depth's weight 0.3",
                    "auxi_both_semseg",
                    base="auxi_both",
                    options=_module(loss_weight={"semseg": 1.0, "depth": 0.3}),
                ),
                Row(
                    "Auxi-both, 128 channels",
                    "auxi_both_width128",
                    base="auxi_both",
                    options=_module(channels=128),
                ),
                Row(
                    "Auxi-both, last two maps",
                    "auxi_both_late",
                    base="auxi_both",
                    options=_module(taps=("backbone.2", "backbone.3"), in_channels=(96, 320)),
                ),
                Row("Auxi-NAS", "auxi_nas"),
            ),
        ),
    ),
)
