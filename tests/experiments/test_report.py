"""Tables of results that are written by hand."""

import csv
import json
from dataclasses import replace

import cv2
import pytest
import torch

from mmaux.experiments.comparison import compare
from mmaux.experiments.experiment import (
    ENCODER_DISTANCE,
    MIOU,
    REL_ERROR,
    SECONDS,
    Experiment,
    Group,
    Row,
)
from mmaux.experiments.plan import Setting, compare_with
from mmaux.experiments.report import markdown, write_report
from mmaux.experiments.scatter import scatter_figure

GROUP = Group(
    title="Small",
    network="net",
    reference="joint",
    singles=("single_semseg", "single_depth"),
    rows=(
        Row("Single-T_1", "single_semseg", paper={"semseg/mIoU": 34.6}),
        Row("Single-T_2", "single_depth", paper={"depth/abs_rel": 0.187}),
        Row("Joint", "joint", paper={"semseg/mIoU": 33.1, "depth/abs_rel": 0.194}),
        Row("Auxi", "auxi"),
        Row("NAS", "nas", paper={"semseg/mIoU": 34.8}),
    ),
)
EXPERIMENT = Experiment(
    "small", "Small things", "nyud", (MIOU, REL_ERROR), (GROUP,), note="A note.",
    scatter=(MIOU, REL_ERROR),
)  # fmt: skip
VALUES = {
    "single_semseg": [(40, None), (42, None)],
    "single_depth": [(None, 0.5), (None, 0.4)],
    "joint": [(36, 0.6), (40, 0.5)],
    "auxi": [(38, 0.5), (43, 0.4)],
}


def write_run(setting, strategy, seed, values, *, losses=(1.0,) * 40):
    folder = setting.run_folder(f"{strategy}_net_rooms", seed)
    folder.mkdir(parents=True)
    miou, rel = values
    metrics = {} if miou is None else {"semseg/mIoU": miou, "semseg/aAcc": 50.0}
    metrics |= {} if rel is None else {"depth/abs_rel": rel, "depth/rmse": 2 * rel}
    result = {
        "name": f"{strategy}_net_rooms", "seed": seed, "iterations": 40, "train_seconds": 12.34,
        "test_seconds": 1.0, "metrics": metrics, "config": "c", "checkpoint": "c",
        "trained_config": "c", "trained_checkpoint": "c",
    }  # fmt: skip
    (folder / "result.json").write_text(json.dumps(result))
    steps = list(range(1, len(losses) + 1))
    curve = {"loss": {"steps": steps, "values": list(losses)}}
    (folder / "curves.json").write_text(json.dumps(curve))
    environment = {
        "python": "3.11", "packages": {"torch": "2.14", "mmaux": "0.1"}, "platform": "x",
        "processor": "Some CPU", "cores": 2, "threads": 2, "accelerators": [],
        "revision": "0123456789abcdef",
    }  # fmt: skip
    (folder / "environments.json").write_text(json.dumps([environment]))


@pytest.fixture
def setting(tmp_path):
    setting = Setting("rooms", "short", (0, 1), tmp_path)
    for strategy, by_seed in VALUES.items():
        for seed, values in enumerate(by_seed):
            write_run(setting, strategy, seed, values)
    return setting


def test_values_by_hand(setting):
    rows = {report.row.strategy: report for report in compare(EXPERIMENT, setting).rows}
    joint, auxi = rows["joint"], rows["auxi"]
    assert joint.summaries["semseg/mIoU"].mean == 38
    assert joint.summaries["semseg/mIoU"].spread == pytest.approx(8**0.5)
    # Gain: mean of the relative changes of mIoU and RMSE from the single tasks of the seed.
    gains = [runs.values["delta_m"] for runs in joint.runs.values()]
    assert gains == pytest.approx([100 * (-4 / 40 - 0.2 / 1) / 2, 100 * (-2 / 42 - 0.2 / 0.8) / 2])
    assert "delta_m" not in rows["single_depth"].summaries
    assert joint.differences == {}
    pair = auxi.differences["semseg/mIoU"]
    assert (pair.count, pair.mean) == (2, 2.5)
    # t(0.975, 1) = 12.7062; differences 2 and 3.
    assert pair.high == pytest.approx(2.5 + 12.7062 * 0.5, abs=1e-3)
    assert auxi.differences["depth/abs_rel"].mean == pytest.approx(-0.1)
    assert rows["single_semseg"].differences.keys() == {"semseg/mIoU"}


def test_the_markdown(setting):
    text = markdown(compare(EXPERIMENT, setting))
    assert text.startswith("# Small things\n")
    for expected in (
        "Data: rooms (rendered, synthetic). Schedule: short. Seeds: 0, 1. Run on: Some CPU, 2 "
        "cores; torch 2.14, mmaux 0123456789.",
        "on NYUD-v2, not comparable with these data.",
        "A note.",
        "|  | seeds | mIoU (%) ↑ | *paper* | Rel Error ↓ | *paper* | Δm (%) ↑ |",
        "| Single-T_1 | 2 of 2 | 41.00 ± 1.41 | 34.60 | - | - | - |",
        "| Joint | 2 of 2 | 38.00 ± 2.83 | 33.10 | 0.5500 ± 0.0707 | 0.1940 | -14.94 ± 0.08 |",
        "| NAS | 0 of 2 | - | 34.80 | - | - | - |",
        "## Differences from Joint",
        "| Auxi | 2 | +2.50 [-3.85, +8.85] | **-0.1000 [-0.1000, -0.1000]** |",
        "40 iterations. Change of the training loss over the last tenth of them (its mean "
        "against that of the tenth before): under 5 % in 8 of 8 runs; the largest is 0.0 %.",
    ):
        assert expected in text
    assert "| Joint | 2 | " not in text


def test_a_comparison_that_is_not_finished(setting, tmp_path):
    (setting.run_folder("single_depth_net_rooms", 1) / "result.json").unlink()
    (setting.run_folder("auxi_net_rooms", 0) / "result.json").unlink()
    more = replace(setting, seeds=(0, 1, 2))
    rows = {report.row.strategy: report for report in compare(EXPERIMENT, more).rows}
    assert rows["joint"].summaries["delta_m"].count == 1, "no single depth of seed 1"
    assert rows["auxi"].differences["semseg/mIoU"].count == 1
    assert "| Auxi | 1 of 3 | 43.00 | - | 0.4000 | - | - |" in markdown(compare(EXPERIMENT, more))
    nothing = replace(setting, out=tmp_path / "nothing")
    text = markdown(compare(EXPERIMENT, nothing))
    assert "| Joint | 0 of 2 | - | 33.10 | - | 0.1940 | - |" in text
    assert "No run is finished yet." in text
    assert [file.name for file in write_report(compare(EXPERIMENT, nothing))] == [
        "report.md",
        "table.csv",
        "runs.csv",
    ]


def test_steep_curves_are_named(setting):
    write_run(setting, "auxi", 2, (39, 0.5), losses=range(41, 1, -1))
    write_run(setting, "joint", 2, (39, 0.5), losses=[])
    text = markdown(compare(EXPERIMENT, replace(setting, seeds=(0, 1, 2))))
    assert "under 5 % in 8 of 10 runs. Not flat: Joint seed 2 unknown, Auxi seed 2 -53.3 %." in text


def test_the_files(setting):
    files = write_report(compare(EXPERIMENT, setting))
    assert [file.name for file in files] == ["report.md", "table.csv", "runs.csv", "scatter.png"]
    assert {file.parent for file in files} == {setting.out / "small_rooms_short"}
    table = list(csv.DictReader(files[1].open()))
    (joint,) = [r for r in table if r["row"] == "Joint" and r["metric"] == "depth/abs_rel"]
    assert (joint["better"], joint["seeds"], joint["paper"]) == ("down", "2", "0.194")
    assert float(joint["mean"]) == pytest.approx(0.55)
    assert joint["difference"] == ""
    (searched,) = [r for r in table if r["row"] == "NAS"]
    assert (searched["seeds"], searched["mean"], searched["paper"]) == ("0", "", "34.8")
    (auxi,) = [r for r in table if r["row"] == "Auxi" and r["metric"] == "semseg/mIoU"]
    assert (auxi["pairs"], auxi["difference"]) == ("2", "2.5")
    runs = list(csv.DictReader(files[2].open()))
    assert len(runs) == 8
    assert runs[0]["train_seconds"] == "12.3"
    assert runs[0]["depth/abs_rel"] == ""
    picture = cv2.imread(str(files[3]))
    assert picture.shape[1] > picture.shape[0] > 400
    assert picture.std() > 10


def test_the_scatter_has_a_panel_a_group(setting):
    other = replace(GROUP, title="Other", rows=(GROUP.rows[0], GROUP.rows[3], GROUP.rows[2]))
    figure = scatter_figure(compare(replace(EXPERIMENT, groups=(GROUP, other)), setting))
    assert [axes.get_title() for axes in figure.axes] == ["Small", "Other"]
    points = []
    for axes in figure.axes:
        containers = {c.get_label(): c.lines[0] for c in axes.containers}
        points.append(
            {k: (*line.get_xydata()[0], line.get_color()) for k, line in containers.items()}
        )
    joint, auxi = points[0]["Joint"], points[0]["Auxi"]
    assert joint[:2] == pytest.approx((38, 0.55))
    assert auxi[:2] == pytest.approx((40.5, 0.45))
    assert joint[2] != auxi[2]
    assert points[1] == {"Auxi": auxi, "Joint": joint}, "the same colors in another order"
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert sorted(labels) == ["Auxi", "Joint", "Single-T_1", "Single-T_2"]
    assert figure.axes[0].yaxis_inverted()
    assert not figure.axes[0].xaxis_inverted()


def test_distances_of_encoders(setting):
    """From the start as it was logged last; between seeds from the checkpoints."""
    experiment = replace(EXPERIMENT, metrics=(MIOU, ENCODER_DISTANCE), paper_data=None)
    group = replace(GROUP, singles=(), rows=(Row("Auxi", "auxi"),))
    for seed, weights in enumerate([[3.0, 0.0], [0.0, 4.0]]):
        folder = setting.run_folder("auxi_net_rooms", seed)
        state = {"backbone.w": torch.tensor(weights)}
        torch.save({"state_dict": state, "meta": {}}, folder / "c")
        curves = json.loads((folder / "curves.json").read_text())
        curves["distance/backbone"] = {"steps": [20, 40], "values": [0.9, 0.1 + 0.2 * seed]}
        (folder / "curves.json").write_text(json.dumps(curves))
    text = markdown(compare(replace(experiment, groups=(group,)), setting))
    assert "*paper*" not in text
    assert "|  | seeds | mIoU (%) ↑ | Encoder's distance from its start |" in text
    assert "| Auxi | 2 of 2 | 40.50 ± 3.54 | 0.200 ± 0.141 |" in text
    assert "## Distances between runs" in text
    assert "| Auxi | 1 | 1.414 |" in text


def test_seconds_are_the_median_of_those_logged(setting):
    """Not their last value, nor the run's duration, which a pause or the start-up would change."""
    folder = setting.run_folder("auxi_net_rooms", 0)
    curves = json.loads((folder / "curves.json").read_text())
    curves["time"] = {"steps": [10, 20, 30], "values": [9.0, 0.25, 0.125]}
    (folder / "curves.json").write_text(json.dumps(curves))
    experiment = replace(EXPERIMENT, metrics=(MIOU, SECONDS))
    text = markdown(compare(experiment, setting))
    assert "| Seconds an iteration ↓ |" in text
    assert "| 40.50 ± 3.54 | - | 0.250 |" in text
    assert "Seconds" not in markdown(compare(EXPERIMENT, setting))


def test_differences_from_another_row(setting):
    comparison = compare(compare_with(EXPERIMENT, "auxi"), setting)
    rows = {report.row.strategy: report.differences for report in comparison.rows}
    # By hand: 36 - 38 = -2 and 40 - 43 = -3.
    assert rows["joint"]["semseg/mIoU"].mean == -2.5
    assert not rows["auxi"]
    assert "## Differences from Auxi" in markdown(comparison)
    with pytest.raises(ValueError, match="against: small has no auxy; it has single_semseg"):
        compare_with(EXPERIMENT, "auxy")
