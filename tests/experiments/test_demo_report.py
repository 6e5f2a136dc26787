from types import SimpleNamespace

import pytest

from mmaux.experiments.demo_report import make_report


def metrics(miou: float, rmse: float, angle: float) -> dict[str, float]:
    return {
        "semseg/mIoU": miou,
        "semseg/aAcc": 50.0,
        "depth/abs_rel": 0.3,
        "depth/rmse": rmse,
        "normal/mean": angle,
    }


def report(joint: dict[str, float], auxi: dict[str, float]):
    results = {
        "joint": SimpleNamespace(metrics=joint, train_seconds=1.0),
        "auxi_all": SimpleNamespace(metrics=auxi, train_seconds=2.0),
    }
    return make_report(metrics(4.0, 1.0, 50.0), results)


def test_gain_by_hand() -> None:
    found = report(metrics(10.0, 0.8, 40.0), metrics(11.0, 0.6, 44.0))
    # mIoU up by 10 %, RMSE down by 25 %, angle up by 10 %
    assert found.delta_m == pytest.approx((10 + 25 - 10) / 3)
    assert found.shortfalls() == []
    assert found.to_dict()["train_seconds"] == {"joint": 1.0, "auxi_all": 2.0}


def test_exactly_twice_and_exactly_four_fifths_are_enough() -> None:
    assert report(metrics(8.0, 0.8, 40.0), metrics(8.0, 0.8, 40.0)).shortfalls() == []


def test_shortfalls_name_network_and_numbers() -> None:
    found = report(metrics(7.9, 0.7, 40.0), metrics(9.0, 0.81, 40.0))
    assert found.shortfalls() == [
        "joint: mIoU 7.90 %, expected 8.00 %",
        "auxi_all: RMSE 0.810 m, expected 0.800 m",
    ]


def test_a_baseline_that_learnt_nothing_has_no_gain_over_it() -> None:
    found = report(metrics(0.0, 0.7, 40.0), metrics(9.0, 0.7, 40.0))
    assert found.delta_m is None
    assert found.shortfalls() == ["joint: mIoU 0.00 %, expected 8.00 %"]
    cells = [list(column.cells) for column in found.table().columns]
    assert cells[-1] == ["", "", "undefined"]


def test_undefined_numbers_fall_short() -> None:
    nan = float("nan")
    found = report(metrics(nan, nan, 40.0), metrics(9.0, 0.7, 40.0))
    assert found.delta_m is None
    assert len(found.shortfalls()) == 2
