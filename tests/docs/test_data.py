"""The folder names of docs/data.md."""

import re
from pathlib import Path

from folders import room_config, write_room
from mmengine.config import Config
from small_runs import REPOSITORY

from mmaux.registry import DATASETS

BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (REPOSITORY / "docs" / "data.md").read_text(), re.M | re.S
)


def test_mmseg_s_tree_is_read_as_it_is(tmp_path: Path) -> None:
    write_room(tmp_path, "train/0001", "train/0002", "val/0003")
    for before, name in (("image", "img_dir"), ("label", "ann_dir"), ("depth", "depth_dir")):
        (tmp_path / before).rename(tmp_path / name)
    (text,) = (block for block in BLOCKS if "image_folder" in block)
    small = {k: v for k, v in room_config(tmp_path).items() if k != "targets"}
    config = {**Config.fromstring(text, ".py").dataset, **small}
    dataset = DATASETS.build(config)
    assert len(dataset) == 2
    assert dataset.count_targets() == {"semseg": 2, "depth": 2}
    assert sorted(dataset[1]["data_samples"].keys()) == ["gt_depth_map", "gt_sem_seg"]


def test_a_stem_of_a_list_may_have_folders(tmp_path: Path) -> None:
    write_room(tmp_path, "train/0001", "val/0003")
    (tmp_path / "list.txt").write_text("val/0003\n")
    dataset = DATASETS.build(
        {"type": "mmaux.MultiTaskFolderDataset"} | room_config(tmp_path, ann_file="list.txt")
    )
    paths = [dataset.get_data_info(i)["img_path"] for i in range(len(dataset))]
    assert paths == [f"{tmp_path}/image/val/0003.png"]
