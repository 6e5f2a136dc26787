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
