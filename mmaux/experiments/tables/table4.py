"""Table 4: three tasks (section 4.6)."""

from mmaux.experiments.experiment import (
    MEAN_ANGLE,
    MIOU,
    PIXEL_ACCURACY,
    REL_ERROR,
    Experiment,
    Group,
    Row,
)


def _paper(accuracy: float, miou: float, rel_error: float, angle: float) -> dict[str, float]:
    return {
        "semseg/aAcc": accuracy,
        "semseg/mIoU": miou,
        "depth/abs_rel": rel_error,
        "normal/mean": angle,
    }


TABLE_4 = Experiment(
    name="table4",
    title="Table 4: three tasks",
    paper_data="sunrgbd",
    metrics=(PIXEL_ACCURACY, MIOU, REL_ERROR, MEAN_ANGLE),
    note="The paper's table has no single-task rows and no searched modules.",
    groups=(
        Group(
            title="U-shape",
            network="mbv2_ushape",
            reference="joint_all",
            singles=("single_semseg", "single_depth", "single_normal"),
            rows=(
                Row("Single-T_1", "single_semseg"),
                Row("Single-T_2", "single_depth"),
                Row("Single-T_3", "single_normal"),
                Row("Joint", "joint_all", paper=_paper(80.7, 53.7, 0.228, 28.7)),
                Row("Auxi-T_1", "auxi_semseg_all", paper=_paper(82.9, 55.3, 0.217, 28.3)),
                Row("Auxi-T_2", "auxi_depth_all", paper=_paper(80.8, 54.0, 0.208, 27.0)),
                Row("Auxi-T_3", "auxi_normal_all", paper=_paper(80.9, 54.4, 0.203, 25.7)),
                Row("Auxi-all", "auxi_all", paper=_paper(81.3, 54.9, 0.205, 26.1)),
                Row("Auxi-NAS", "auxi_nas_all"),
            ),
        ),
    ),
)
