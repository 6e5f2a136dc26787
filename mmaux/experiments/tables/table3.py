"""Table 3: ResNet-50 with self-attention context decoders (section 4.5)."""

from mmaux.experiments.experiment import MIOU, REL_ERROR, RMS_ERROR, Experiment, Group, Row


def _paper(miou: float, rel_error: float, rms_error: float) -> dict[str, float]:
    return {"semseg/mIoU": miou, "depth/abs_rel": rel_error, "depth/rmse": rms_error}


TABLE_3 = Experiment(
    name="table3",
    title="Table 3: ResNet-50",
    paper_data="nyud",
    metrics=(MIOU, REL_ERROR, RMS_ERROR),
    note="The paper pre-trains every row on NYUD-v2-expansion, and its auxiliary module is "
    "searched; Auxi-both is the basic structure and not a row of the paper's table. Other authors' "
    "methods of that table are left out.",
    groups=(
        Group(
            title="ResNet-50",
            network="r50_ocnet",
            reference="joint",
            singles=("single_semseg", "single_depth"),
            rows=(
                Row("Single-T_1", "single_semseg", paper={"semseg/mIoU": 43.0}),
                Row(
                    "Single-T_2",
                    "single_depth",
                    paper={"depth/abs_rel": 0.137, "depth/rmse": 0.509},
                ),
                Row("Joint", "joint", paper=_paper(42.9, 0.143, 0.563)),
                Row("Auxi-both", "auxi_both"),
                Row("Auxi-NAS", "auxi_nas", paper=_paper(47.9, 0.127, 0.495)),
            ),
        ),
    ),
)
