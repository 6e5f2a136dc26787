"""Figure 3: training strategies on the Baseline network (section 4.2)."""

from mmaux.experiments.experiment import MIOU, REL_ERROR, RMS_ERROR, Experiment, Group, Row

FIGURE_3 = Experiment(
    name="figure3",
    title="Figure 3: training strategies",
    paper_data="nyud",
    metrics=(MIOU, REL_ERROR, RMS_ERROR),
    scatter=(MIOU, REL_ERROR),
    note="The paper draws these results and tabulates none of them. PT_t starts from the single "
    "task t; AT_1 and AT_2 as in its footnote 1, from the single task that the auxiliary module is "
    "not for; all four at a tenth of the learning rate. Auxi-T_t is the same module trained as "
    "Joint is.",
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
                Row("PT_1", "prior_semseg", starts_from="single_semseg", lr_factor=0.1),
                Row("PT_2", "prior_depth", starts_from="single_depth", lr_factor=0.1),
                Row("Kendall et al.", "kendall"),
                Row("DS_1", "deep_semseg"),
                Row("DS_2", "deep_depth"),
                Row(
                    "AT_1",
                    "prior_depth_auxi_semseg",
                    starts_from="single_depth",
                    lr_factor=0.1,
                ),
                Row(
                    "AT_2",
                    "prior_semseg_auxi_depth",
                    starts_from="single_semseg",
                    lr_factor=0.1,
                ),
                Row("Auxi-T_1", "auxi_semseg"),
                Row("Auxi-T_2", "auxi_depth"),
                Row("AT_both", "auxi_both"),
                Row("AT_NAS", "auxi_nas"),
            ),
        ),
    ),
)
