import numpy as np
import pytest
import torch
from folders import room_config, write_room
from mmengine.structures import LabelData

from mmaux.datasets import MultiTaskFolderDataset
from mmaux.datasets.targets import SceneTarget

SCENES = ("living room", "bedroom", "study")


def bound(scenes=SCENES):
    target = SceneTarget()
    target.bind(metainfo={"scenes": scenes}, source_classes=())
    return target


def write_scene(root, stem, name):
    path = root / f"scene/{stem}.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{name}\n")
    return str(path)


def test_a_name_becomes_its_index(tmp_path):
    target = bound()
    for index, name in enumerate(SCENES):
        array = target.load(write_scene(tmp_path, "a", name))
        assert array.tolist() == [[index]]
        assert target.to_tensor(array).tolist() == [[[index]]]
        assert target.to_tensor(array).dtype == torch.int64


@pytest.mark.parametrize("text", ["kitchen", "", "living", "Bedroom"])
def test_an_unknown_name_is_refused_with_its_file(tmp_path, text):
    path = write_scene(tmp_path, "odd", text)
    with pytest.raises(ValueError, match=rf"odd\.txt: found the scene '{text}', expected one of"):
        bound().load(path)


@pytest.mark.parametrize(
    ("scenes", "message"),
    [
        ((), r"no names of scenes; give metainfo=dict\(scenes="),
        (("a", "b", "a"), "different names, found 3: a, b, a"),
        (tuple(map(str, range(256))), "at most 255 different names, found 256"),
    ],
)
def test_names_that_cannot_be_used(scenes, message):
    with pytest.raises(ValueError, match=message):
        bound(scenes)


def augmented(root, **changes):
    pipeline = [
        {"type": "mmaux.LoadImageFromFile"},
        {"type": "mmaux.LoadTargets"},
        {"type": "mmaux.Resize", "scale_factor": 2.0, "keep_ratio": True},
        {"type": "mmaux.RandomCrop", "crop_size": (20, 30)},
        {"type": "mmaux.RandomFlip", "prob": 1.0, "direction": "horizontal"},
        {"type": "mmaux.RandomRotate", "prob": 1.0, "degree": (7, 9)},
        {"type": "mmaux.PackMultiTaskInputs"},
    ]
    return MultiTaskFolderDataset(
        **room_config(root, "scene", "depth", pipeline=pipeline, **changes)
    )


def test_geometry_leaves_it_alone_and_the_depth_beside_it_follows(tmp_path):
    write_room(tmp_path, "a", "b", meta={"scenes": SCENES})
    write_scene(tmp_path, "a", "study")
    write_scene(tmp_path, "b", "bedroom")
    dataset = augmented(tmp_path)
    assert dataset.metainfo["scenes"] == SCENES
    for index, expected in enumerate((2, 1)):
        sample = dataset[index]["data_samples"]
        assert isinstance(sample.gt_scene, LabelData)
        assert sample.gt_scene.data.tolist() == [[[expected]]]
        assert sample.gt_scene.metainfo == {"fill_value": 255}
        assert sample.gt_depth_map.data.shape == (1, 20, 30)
    np.testing.assert_array_equal(dataset.load_targets(0)["gt_scene"], [[[2]]])


def test_the_configs_names_come_before_those_of_the_folder(tmp_path):
    write_room(tmp_path, "a", meta={"scenes": SCENES})
    write_scene(tmp_path, "a", "study")
    metainfo = {"classes": ("x",), "scenes": ("study", "hall")}
    dataset = augmented(tmp_path, metainfo=metainfo)
    assert dataset[0]["data_samples"].gt_scene.data.item() == 0


def test_a_sample_may_lack_it(tmp_path):
    write_room(tmp_path, "a", "b", meta={"scenes": SCENES})
    write_scene(tmp_path, "a", "study")
    with pytest.raises(ValueError, match=r"scene/b\.txt: missing scene target \(1 of 2"):
        augmented(tmp_path)
    dataset = augmented(tmp_path, allow_missing=("scene",))
    assert dataset.count_targets() == {"scene": 1, "depth": 2}
    assert "gt_scene" not in dataset[1]["data_samples"]
