"""Table 1: network structures (section 4.3)."""

from mmaux.experiments.experiment import MIOU, REL_ERROR, Experiment, Group, Row


def _group(
    title: str,
    network: str,
    *,
    single: tuple[float, float],
    joint: tuple[float, float],
    searched: tuple[float, float],
) -> Group:
    """Rows of a network; pairs are (mIoU in percent, relative error)."""

    def paper(pair: tuple[float, float]) -> dict[str, float]:
        return {"semseg/mIoU": pair[0], "depth/abs_rel": pair[1]}

    return Group(
        title=title,
        network=network,
        reference="joint",
        singles=("single_semseg", "single_depth"),
        rows=(
            Row("Single-T_1", "single_semseg", paper={"semseg/mIoU": single[0]}),
            Row("Single-T_2", "single_depth", paper={"depth/abs_rel": single[1]}),
            Row("Joint", "joint", paper=paper(joint)),
            Row("Auxi-both", "auxi_both"),
            Row("Ours (Auxi-NAS)", "auxi_nas", paper=paper(searched)),
        ),
    )


TABLE_1 = Experiment(
    name="table1",
    title="Table 1: network structures",
    paper_data="nyud",
    metrics=(MIOU, REL_ERROR),
    note="The paper pre-trains every row on NYUD-v2-expansion, and its auxiliary modules are "
    "searched; Auxi-both is the basic structure and not a row of the paper's table.",
    groups=(
        _group(
            "Baseline",
            "mbv2",
            single=(34.6, 0.187),
            joint=(33.1, 0.194),
            searched=(34.8, 0.186),
        ),
        _group(
            "Context",
            "mbv2_context",
            single=(36.21, 0.1713),
            joint=(33.06, 0.1764),
            searched=(37.13, 0.1603),
        ),
        _group(
            "U-shape",
            "mbv2_ushape",
            single=(38.05, 0.1491),
            joint=(37.38, 0.1512),
            searched=(38.85, 0.1464),
        ),
    ),
)
