import numpy as np
import pytest
from folders import room_config, write_room
from mmengine.registry import DefaultScope, init_default_scope

from mmaux.datasets import MultiTaskFolderDataset

LOAD = [{"type": "mmaux.LoadImageFromFile"}, {"type": "mmaux.LoadTargets"}]
PACK = [{"type": "mmaux.PackMultiTaskInputs"}]
RANDOM_RESIZE = {"scale": (32, 24), "ratio_range": (2, 2), "keep_ratio": True}


@pytest.fixture(autouse=True)
def users_scope():
    """A project of mmseg, in which plain names are mmseg's."""
    init_default_scope("mmseg")


def data(root, steps, tasks=("semseg", "depth")):
    return MultiTaskFolderDataset(**{**room_config(root, *tasks), "pipeline": steps})


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            {"type": "Resize", "scale": (32, 24)},
            r"mmseg\.Resize .* write type=.mmaux\.Resize",
        ),
        (
            {"type": "mmcv.Resize", "scale": (32, 24)},
            r"mmcv\.Resize .* leaves depth",
        ),
        ({"type": "RandomFlip", "prob": 0.5}, r"mmseg\.RandomFlip is .*type='mmaux\.RandomFlip'"),
        ({"type": "mmcv.RandomFlip", "prob": 0.5}, r"mmcv\.RandomFlip is for labels"),
        ({"type": "RandomRotate", "prob": 0.5, "degree": 9}, r"write type='mmaux\.RandomRotate'"),
        (
            {"type": "RandomResize", **RANDOM_RESIZE},
            r"mmseg\.Resize in RandomResize is .* write resize_type='mmaux\.Resize'",
        ),
        ({"type": "LoadAnnotations"}, r"mmseg\.LoadAnnotations .* write type='mmaux\.LoadTargets'"),
        ({"type": "PackSegInputs"}, r"write type='mmaux\.PackMultiTaskInputs'"),
        (
            {
                "type": "RandomApply",
                "prob": 0.5,
                "transforms": [{"type": "RandomFlip", "prob": 1.0}],
            },
            r"mmseg\.RandomFlip is for labels",
        ),
    ],
    ids=lambda value: value.get("type") if isinstance(value, dict) else None,
)
def test_transforms_for_labels_are_refused(tmp_path, step, message):
    write_room(tmp_path, "a")
    with pytest.raises(ValueError, match=message):
        data(tmp_path, [*LOAD, step, *PACK])


def test_own_ones_and_those_that_move_nothing_are_taken(tmp_path):
    write_room(tmp_path, "a")
    steps = [
        {"type": "RandomResize", **RANDOM_RESIZE, "resize_type": "mmaux.Resize"},
        {"type": "mmaux.RandomFlip", "prob": 0.5},
        {"type": "mmaux.RandomRotate", "prob": 0.5, "degree": 9},
        {"type": "RandomCrop", "crop_size": (16, 16)},
        {"type": "PhotoMetricDistortion"},
    ]
    np.random.seed(0)
    (sample,) = data(tmp_path, [*LOAD, *steps, *PACK])
    assert sample["data_samples"].gt_depth_map.shape == sample["inputs"].shape[1:]


def test_labels_alone_may_use_mmsegs(tmp_path):
    write_room(tmp_path, "a")
    steps = [{"type": "Resize", "scale": (32, 24)}, {"type": "RandomFlip", "prob": 0.5}]
    assert len(data(tmp_path, [*LOAD, *steps, *PACK], tasks=("semseg",))) == 1
    assert DefaultScope.get_current_instance().scope_name == "mmseg"
