from pathlib import Path
from typing import Any

import pytest
from mmengine.config import Config
from room_folder import TRAIN, dataset_config, pipeline, write_room

from mmaux.registry import DATASETS
from mmaux.search.evaluators.meta_split import MetaSplit, cut_meta_split


def config_of(root: Path, **changes: Any) -> Config:
    test = dataset_config(root, "test", pipeline=pipeline(), test_mode=True)
    return Config(
        {
            "train_dataloader": {"dataset": dataset_config(root, **changes)},
            "val_dataloader": {"dataset": test},
        }
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_room(tmp_path / "room")
    return tmp_path / "room"


def stems(dataset: dict[str, Any]) -> set[str]:
    built = DATASETS.build(dataset)
    return {Path(built.get_data_info(index)["img_path"]).stem for index in range(len(built))}


def test_both_parts_come_from_the_training_split(root: Path) -> None:
    split = cut_meta_split(config_of(root), val_fraction=0.34)
    train, val = stems(split.train), stems(split.val)
    assert (len(train), len(val)) == (2, 1)
    assert train | val == set(TRAIN)
    assert split.flipped is not None
    assert stems(split.flipped) == train
    assert split.flip_prob == 0.5


def test_the_flip_leaves_the_pipeline_or_always_happens(root: Path) -> None:
    config = config_of(root)
    before = config.to_dict()
    split = cut_meta_split(config, val_fraction=0.5)
    assert config.to_dict() == before
    plain, flipped = split.train["pipeline"], split.flipped["pipeline"]  # type: ignore[index]
    assert [step["type"] for step in plain] == [
        "mmaux.LoadImageFromFile",
        "mmaux.LoadTargets",
        "mmaux.PackMultiTaskInputs",
    ]
    assert flipped[2] == {"type": "mmaux.RandomFlip", "prob": 1.0}
    assert split.val["pipeline"] == before["val_dataloader"]["dataset"]["pipeline"]


def test_no_flip_no_second_version(root: Path) -> None:
    split = cut_meta_split(config_of(root, pipeline=pipeline()), val_fraction=0.5)
    assert (split.flipped, split.flip_prob) == (None, 0.0)
    assert isinstance(split, MetaSplit)


def test_another_seed_another_part(root: Path) -> None:
    parts = [
        stems(cut_meta_split(config_of(root), val_fraction=0.34, val_seed=seed).val).pop()
        for seed in range(6)
    ]
    assert len(set(parts)) > 1


def test_data_that_cannot_be_cut_are_refused(root: Path) -> None:
    held_out = config_of(root, val_fraction=0.5, subset="train")
    with pytest.raises(ValueError, match=r"hold a part out already \(val_fraction=0.5\)"):
        cut_meta_split(held_out, val_fraction=0.5)
    with pytest.raises(ValueError, match="num_val is 0; expected 1 or more"):
        cut_meta_split(config_of(root), val_fraction=0.5, num_val=0)
    several = pipeline({"type": "mmaux.RandomFlip", "prob": [0.3, 0.3]})
    with pytest.raises(ValueError, match="expected at most one, with a number as prob"):
        cut_meta_split(config_of(root, pipeline=several), val_fraction=0.5)
    wrapped = Config(
        {
            "train_dataloader": {
                "dataset": {"type": "mmengine.RepeatDataset", "dataset": dataset_config(root)}
            },
            "val_dataloader": {"dataset": dataset_config(root, "test")},
        }
    )
    with pytest.raises(ValueError, match=r"are a mmengine\.RepeatDataset without data_root"):
        cut_meta_split(wrapped, val_fraction=0.5)
