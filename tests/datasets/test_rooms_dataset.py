import pytest
from folders import write_room

from mmaux.datasets import RoomsDataset
from mmaux.registry import DATASETS


def test_a_missing_folder_says_how_to_render(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere: no such folder.*converters/rooms\.py"):
        RoomsDataset(targets=("depth",), data_root=str(tmp_path / "nowhere"))


def test_it_is_registered_with_the_13_classes(tmp_path):
    write_room(tmp_path, "0001")
    dataset = DATASETS.build(
        {"type": "mmaux.RoomsDataset", "targets": ("semseg", "depth"), "data_root": str(tmp_path)}
    )
    assert dataset.metainfo["classes"][0] == "bed"
    assert dataset.metainfo["classes"][-1] == "window"
    assert len(dataset.metainfo["classes"]) == len(dataset.metainfo["palette"]) == 13


def test_rooms_of_before_the_scenes_load_without_them_only(tmp_path):
    write_room(tmp_path, "0001")
    dataset = RoomsDataset(targets=("semseg", "depth"), data_root=str(tmp_path))
    assert len(dataset) == 1
    message = r"scene: no such folder; .*rendered without their scenes.*rooms\.py --add-scenes"
    with pytest.raises(FileNotFoundError, match=message):
        RoomsDataset(targets=("depth", "scene"), data_root=str(tmp_path))
    lacking = RoomsDataset(
        targets=("depth", "scene"), data_root=str(tmp_path), allow_missing=("scene",)
    )
    assert lacking.count_targets() == {"depth": 1, "scene": 0}


def test_the_scene_is_the_kind_of_room(tmp_path):
    write_room(tmp_path, "0001")
    (tmp_path / "scene").mkdir()
    (tmp_path / "scene" / "0001.txt").write_text("study\n")
    dataset = RoomsDataset(targets=("scene",), data_root=str(tmp_path))
    assert dataset.metainfo["scenes"] == ("living room", "bedroom", "study", "dining room")
    assert dataset.load_targets(0)["gt_scene"].item() == 2
