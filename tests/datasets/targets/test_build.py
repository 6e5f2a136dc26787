import numpy as np
import pytest
import torch

from mmaux.datasets.targets import (
    DenseTarget,
    DepthTarget,
    NormalTarget,
    SemSegTarget,
    build_targets,
)
from mmaux.registry import TASK_UTILS


class OutlineTarget(DenseTarget):
    task = "outline"
    path_key = "outline_path"
    result_key = "gt_outline"
    sample_field = "gt_outline"
    default_folder = "outline"
    fill_value = 255

    def load(self, path, *, backend_args=None):
        return np.zeros((1, 1), np.uint8)

    def to_tensor(self, array):
        return torch.from_numpy(array)[None]


@pytest.fixture
def registered():
    TASK_UTILS.register_module(module=OutlineTarget)
    yield
    TASK_UTILS.module_dict.pop("OutlineTarget")


def test_names_give_the_default_targets_in_order():
    targets = build_targets(("normal", "semseg", "depth"))
    assert list(targets) == ["normal", "semseg", "depth"]
    assert [type(t) for t in targets.values()] == [NormalTarget, SemSegTarget, DepthTarget]
    assert [t.folder for t in targets.values()] == ["normal", "label", "depth"]


def test_options_without_and_with_a_type():
    targets = build_targets(
        {
            "_scope_": "mmaux",
            "depth": {"folder": "depth_raw", "max_depth": 8},
            "normal": {"type": "mmaux.NormalTarget", "folder": "n"},
        }
    )
    assert list(targets) == ["depth", "normal"]
    assert (targets["depth"].folder, targets["depth"].max_depth) == ("depth_raw", 8)
    assert targets["normal"].folder == "n"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (("semseg", "dept"), r"unknown task 'dept'.*'depth'.*Did you mean 'depth'\?"),
        (("colour",), r"unknown task 'colour'(?!.*Did you mean).*colour=dict\(type="),
        (("depth", "semseg", "depth"), "names a task twice"),
        ({"depth": {"type": "mmaux.NormalTarget"}}, r"NormalTarget under 'depth'.*'normal'"),
        ("depth", r"one or more tasks.*found 'depth'"),
        ((), "one or more tasks"),
        ({}, "one or more tasks"),
    ],
)
def test_mistakes_are_explained(spec, message):
    with pytest.raises(ValueError, match=message):
        build_targets(spec)


def test_an_own_target(registered):
    for spec in (("outline",), {"outline": {"type": "mmaux.OutlineTarget", "folder": "e"}}):
        target = build_targets(spec)["outline"]
        assert type(target) is OutlineTarget
    assert target.folder == "e"
    # Its name is now suggested too.
    with pytest.raises(ValueError, match="Did you mean 'outline'"):
        build_targets(("outlines",))


def test_none_leaves_an_inherited_target_out():
    assert list(build_targets({"semseg": {}, "depth": None})) == ["semseg"]
