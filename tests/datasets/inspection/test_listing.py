import json
from pathlib import Path

import pytest
from mmengine.registry import init_default_scope
from room_folder import TEST, TRAIN, config_of, dataset_config, write_room

from mmaux.datasets.inspection.leaks import find_leaks
from mmaux.datasets.inspection.listing import leaf_configs, list_splits


@pytest.fixture
def root(tmp_path: Path) -> Path:
    init_default_scope("mmaux")
    write_room(tmp_path / "room")
    return tmp_path / "room"


def test_leaves_of_nested_wrappers() -> None:
    a, b, c = ({"type": "D", "data_root": name} for name in "abc")
    wrapped = {
        "type": "ConcatDataset",
        "datasets": [{"type": "RepeatDataset", "dataset": a}, {"type": "W", "dataset": [b, c]}],
    }
    assert list(leaf_configs(wrapped)) == [a, b, c]
    assert list(leaf_configs(a)) == [a]


def test_all_samples_of_both_splits(root: Path) -> None:
    train, test = list_splits(config_of(root))
    assert [Path(sample.image_path).stem for sample in train.samples] == list(TRAIN)
    assert [Path(sample.image_path).stem for sample in test.samples] == list(TEST)
    assert (train.name, test.name) == ("train", "test")
    assert train.problems == test.problems == []


def test_equal_splits_are_looked_at_once(root: Path) -> None:
    config = config_of(root)
    config["val_dataloader"] = {"batch_size": 3, **config["test_dataloader"]}
    assert [item.name for item in list_splits(config)] == ["train", "val and test"]


def test_a_missing_split_file_is_a_problem_of_its_own(root: Path) -> None:
    (root / "splits" / "test.txt").unlink()
    train, test = list_splits(config_of(root))
    assert len(train.samples) == 3
    assert [str(problem) for problem in test.problems] == [
        f"{root}/splits/test.txt: no such split file (ann_file); nothing of this list is looked at "
        "before that is corrected."
    ]


def test_a_bad_camera_file_leaves_the_other_samples(root: Path) -> None:
    (root / "intrinsics").mkdir()
    (root / "intrinsics" / "a1.txt").write_text("1 2 3")
    listing = list_splits(config_of(root))[0]
    assert len(listing.samples) == 2
    assert str(listing.problems[0]).startswith(f"{root}/intrinsics/a1.txt: expected nine numbers")


def test_a_json_list(root: Path) -> None:
    config = dataset_config(root) | {"ann_file": "list.json"}
    entries = [{"img_path": f"image/{stem}.png"} for stem in TRAIN]
    (root / "list.json").write_text(json.dumps({"data_list": entries}))
    assert len(list_splits({"train_dataloader": {"dataset": config}})[0].samples) == 3
    (root / "image" / "a1.png").unlink()
    listing = list_splits({"train_dataloader": {"dataset": config}})[0]
    assert str(listing.problems[0]).startswith(f"{root}/image/a1.png: no such image, listed in ")


def test_the_part_that_the_config_takes(root: Path) -> None:
    for indices, stems in ((2, ["a0", "a1"]), ([2, 0], ["a2", "a0"])):
        listing = list_splits(config_of(root, indices=indices))[0]
        assert [Path(sample.image_path).stem for sample in listing.samples] == stems


def test_wrappers_with_a_pipeline_are_named(root: Path) -> None:
    config = config_of(root)
    mixed = {"type": "mmseg.MultiImageMixDataset", "pipeline": [{"type": "mmseg.RandomMosaic"}]}
    config["train_dataloader"]["dataset"] = mixed | {"dataset": dataset_config(root)}
    assert list_splits(config)[0].wrapper_pipelines == ["mmseg.MultiImageMixDataset"]


def test_a_config_without_data() -> None:
    with pytest.raises(ValueError, match="none of train_dataloader"):
        list_splits({"model": {}})


def test_leaks_follow_links_and_ignore_equal_names(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_room(other)
    config = {
        "train_dataloader": {"dataset": dataset_config(root)},
        "test_dataloader": {"dataset": dataset_config(other)},
    }
    assert find_leaks(list_splits(config)) == []
    (other / "image" / "a1.png").unlink()
    (other / "image" / "a1.png").symlink_to(root / "image" / "a1.png")
    (leak,) = find_leaks(list_splits(config))
    assert leak.file == f"{other}/splits/train.txt"
    assert leak.found.startswith("1 of 3 samples of test are in the train split too (first: a1)")


def test_training_on_the_test_set_itself_is_a_leak(root: Path) -> None:
    config = {
        f"{split}_dataloader": {"dataset": dataset_config(root)} for split in ("train", "val")
    }
    (leak,) = find_leaks(list_splits(config))
    assert "train and val read the very same data set" in str(leak)
