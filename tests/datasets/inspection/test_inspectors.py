from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from folders import write_png

from mmaux.datasets.inspection import TargetInspector, inspector_of, register_inspector
from mmaux.datasets.inspection.inspectors import _INSPECTORS
from mmaux.datasets.inspection.loaded_sample import LoadedSample
from mmaux.datasets.inspection.problem import EMPTY
from mmaux.datasets.inspection.target_inspector import Extreme, ValueInspector
from mmaux.datasets.targets import (
    DenseTarget,
    DepthTarget,
    NormalTarget,
    SceneTarget,
    SemSegTarget,
    Target,
)


class EdgeTarget(DenseTarget):
    task, path_key, result_key = "edge", "edge_path", "gt_edge_map"
    sample_field, default_folder, fill_value = "gt_edge_map", "edge", 255

    def load(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        return np.zeros((2, 2))

    def to_tensor(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array)[None]


def _sample(target: Target, array: np.ndarray, path: str = "f.png") -> LoadedSample:
    return LoadedSample(
        image=None,
        arrays={target.task: array},
        paths={target.task: path},
        targets={target.task: target},
    )


def test_depth_range_median_and_holes() -> None:
    target = DepthTarget()
    inspector = inspector_of(target)
    first = np.array([[0, 0, 1, 2]], np.float32)
    second = np.array([[2, 2, 2, 30]], np.float32)
    assert inspector.add(_sample(target, first, "a.png")) == []
    assert inspector.add(_sample(target, second, "b.png")) == []
    rows = dict(inspector.rows())
    assert rows["min / median / max"] == "1.000 / 2 / 30.000 m"
    assert rows["holes"] == "25.0% on average, most in a.png: 50.0%"
    assert rows["outside 0.1 to 20 m"] == "12.5% on average, most in b.png: 25.0%"


@pytest.mark.parametrize(("value", "wrong"), [(0.04, True), (0.06, False), (49, False), (51, True)])
def test_depth_scale_is_judged_by_the_median(value: float, wrong: bool) -> None:
    target = DepthTarget(scale=1000)
    depth = np.full((3, 3), value, np.float32)
    problems = inspector_of(target).add(_sample(target, depth, "f.npy"))
    assert [problem.kind for problem in problems] == (["depth scale"] if wrong else [])


@pytest.mark.parametrize(
    ("dtype", "scale", "wrong"),
    [
        (np.uint8, 1000, True),
        (np.uint8, 256, True),
        (np.uint8, 25.5, False),
        (np.uint16, 1000, False),
    ],
)
def test_eight_bits_of_depth_need_a_scale_made_for_them(
    dtype: type, scale: float, wrong: bool, tmp_path: Path
) -> None:
    target = DepthTarget(scale=scale)
    path = str(write_png(tmp_path / "d.png", np.array([[60, 255], [200, 0]], dtype)))
    problems = inspector_of(target).add(_sample(target, target.load(path), path))
    assert [problem.kind for problem in problems] == (["depth bits"] if wrong else [])


def test_the_proposed_scale_brings_depth_to_metres() -> None:
    target = DepthTarget(scale=1)
    (problem,) = inspector_of(target).add(_sample(target, np.full((3, 3), 2500, np.float32)))
    assert "divided by 1000 it would be 2.5 m" in problem.found
    assert problem.fix.endswith("to the units per metre, 1000?")


@pytest.mark.parametrize(
    ("target", "array"),
    [
        (DepthTarget(), np.zeros((4, 4), np.float32)),
        (NormalTarget(), np.zeros((4, 4, 3), np.float32)),
        (EdgeTarget(), np.full((4, 4), 255)),
    ],
)
def test_a_map_without_any_valid_pixel(target: DenseTarget, array: np.ndarray) -> None:
    (problem,) = inspector_of(target).add(_sample(target, array, "x.png"))
    assert problem.kind == EMPTY
    assert str(problem).startswith("x.png: no valid ")


def test_class_counts() -> None:
    target = SemSegTarget()
    inspector = inspector_of(target, ("floor", "wall", "roof"))
    inspector.add(_sample(target, np.array([[0, 0, 1, 255]], np.uint8), "a.png"))
    inspector.add(_sample(target, np.array([[0, 0, 0, 0]], np.uint8), "b.png"))
    rows = dict(inspector.rows())
    assert rows["ignored pixels"] == "12.5% on average, most in a.png: 25.0%"
    assert rows["1 classes never occur"] == "roof"
    assert rows["0 floor"] == "85.71% of labelled pixels, in 2 of 2 files"
    assert rows["1 wall"] == "14.29% of labelled pixels, in 1 of 2 files"
    assert "2 roof" not in rows


def test_normals_that_are_not_of_unit_length() -> None:
    target = NormalTarget()
    normals = np.zeros((10, 10, 3), np.float32)
    normals[..., 2] = -1
    normals[:5] *= 0.9
    (problem,) = inspector_of(target).add(_sample(target, normals))
    assert problem.kind == "normal length"
    assert problem.found.startswith("50% of the normals")


def test_normals_without_depth_are_judged_by_the_rays() -> None:
    target = NormalTarget()
    inspector = inspector_of(target)
    normals = np.zeros((10, 10, 3), np.float32)
    normals[..., 2] = -1
    assert inspector.add(_sample(target, normals)) == []
    (problem,) = inspector.add(_sample(target, -normals, "away.png"))
    assert str(problem).startswith(
        "away.png: normals: point into the surface: 100% point away from the camera"
    )
    rows = dict(inspector.rows())
    assert rows["point away from the camera"] == "50.0% on average, most in away.png: 100.0%"
    assert rows["median angle to the depth's normals"].startswith("not checked")


def test_other_targets_are_plain_numbers_until_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    target = EdgeTarget()
    inspector = inspector_of(target)
    assert isinstance(inspector, ValueInspector)
    assert inspector.add(_sample(target, np.array([[0, 1, 255, 255]]))) == []
    assert dict(inspector.rows()) == {
        "range": "0 to 1",
        "invalid pixels": "50.0% on average, most in f.png: 50.0%",
    }

    class EdgeInspector(ValueInspector):
        pass

    monkeypatch.delitem(_INSPECTORS, EdgeTarget, raising=False)
    register_inspector(EdgeTarget, EdgeInspector)
    try:
        assert type(inspector_of(target)) is EdgeInspector
    finally:
        del _INSPECTORS[EdgeTarget]
    with pytest.raises(TypeError, match="a Target class"):
        register_inspector(EdgeInspector, TargetInspector)


def test_extreme() -> None:
    extreme = Extreme()
    assert extreme.text() == "-"
    extreme.add(0.0, "a")
    assert extreme.text() == "0%"
    extreme.add(0.5, "b")
    assert extreme.text() == "25.0% on average, most in b: 50.0%"


def test_scenes_are_counted_by_name() -> None:
    target = SceneTarget()
    target.bind(metainfo={"scenes": ("study", "hall", "bedroom")}, source_classes=())
    inspector = inspector_of(target)
    for index in (2, 0, 2, 2):
        assert inspector.add(_sample(target, np.array([[index]], np.uint8))) == []
    assert dict(inspector.rows()) == {
        "study": "1 of 4 images (25.0%)",
        "hall": "0 of 4 images (0.0%)",
        "bedroom": "3 of 4 images (75.0%)",
    }
