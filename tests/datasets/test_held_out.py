import json
import random

import pytest
from folders import room_config, write_room

from mmaux.datasets import MultiTaskFolderDataset
from mmaux.datasets.held_out import check_subset, hold_out
from mmaux.datasets.inspection.leaks import find_leaks
from mmaux.datasets.inspection.listing import list_splits

KEYS = [f"image/{number:04d}.png" for number in range(200)]


@pytest.mark.parametrize(("fraction", "count"), [(0.1, 20), (0.25, 50), (0.001, 1), (0.995, 199)])
def test_number_of_held_out_keys(fraction: float, count: int) -> None:
    held_out = hold_out(KEYS, fraction=fraction, seed=0)
    assert len(held_out) == count
    assert held_out <= set(KEYS)


def test_the_choice_is_the_same_everywhere() -> None:
    # sha256sum of "0:a" ... "0:e" begins with 9d, e0, be, 7d, e0: d, a and c are the lowest.
    assert hold_out("abcde", fraction=0.2, seed=0) == {"d"}
    assert hold_out("abcde", fraction=0.4, seed=0) == {"d", "a"}
    assert hold_out("abcde", fraction=0.6, seed=0) == {"d", "a", "c"}


def test_order_and_repetition_do_not_matter() -> None:
    shuffled = [*KEYS, *KEYS[:50]]
    random.Random(3).shuffle(shuffled)
    assert hold_out(shuffled, fraction=0.1, seed=7) == hold_out(KEYS, fraction=0.1, seed=7)


def test_a_larger_fraction_keeps_what_a_smaller_held_out() -> None:
    small, large = (hold_out(KEYS, fraction=f, seed=1) for f in (0.1, 0.3))
    assert small < large


def test_seeds_choose_different_parts() -> None:
    chosen = {frozenset(hold_out(KEYS, fraction=0.1, seed=seed)) for seed in range(20)}
    assert len(chosen) == 20
    # Of 200 keys, 20 draws of a tenth leave 200 * 0.9**20 = 24 untouched on average.
    assert 160 < len(set().union(*chosen)) < 195


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5])
def test_fraction_out_of_range(fraction: float) -> None:
    with pytest.raises(ValueError, match=f"val_fraction: .* found {fraction}"):
        hold_out(KEYS, fraction=fraction, seed=0)


def test_nothing_left_to_train_on() -> None:
    with pytest.raises(ValueError, match=r"0\.9 of 2 samples leaves none to train on"):
        hold_out(["a", "b"], fraction=0.9, seed=0)
    with pytest.raises(ValueError, match="of 1 samples leaves none"):
        hold_out(["a"], fraction=0.1, seed=0)


@pytest.mark.parametrize(
    ("fraction", "subset", "message"),
    [
        (0.1, None, "give both"),
        (None, "val", "give both"),
        (0.1, "test", r"subset is one of \('train', 'val'\), found 'test'"),
    ],
)
def test_arguments_that_do_not_go_together(fraction, subset, message) -> None:
    with pytest.raises(ValueError, match=message):
        check_subset(fraction=fraction, subset=subset)
    check_subset(fraction=None, subset=None)
    check_subset(fraction=0.1, subset="train")


# In a data set -----------------------------------------------------------------------------------


def names(dataset: MultiTaskFolderDataset) -> list[str]:
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    return [info["img_path"].rpartition("/")[2] for info in infos]


def subsets(root, **changes) -> tuple[list[str], list[str]]:
    options = {"val_fraction": 0.3, **changes}
    return tuple(
        names(MultiTaskFolderDataset(**room_config(root, "depth", subset=subset, **options)))
        for subset in ("train", "val")
    )


@pytest.fixture
def root(tmp_path):
    stems = [f"{number:02d}" for number in range(10)]
    write_room(tmp_path / "data", *stems, size=(24, 32))
    (tmp_path / "data/splits").mkdir()
    (tmp_path / "data/splits/train.txt").write_text("\n".join(reversed(stems)))
    entries = [
        {"img_path": f"image/{stem}.png", "depth_map_path": f"depth/{stem}.png"} for stem in stems
    ]
    (tmp_path / "data/list.json").write_text(json.dumps({"data_list": entries}))
    return tmp_path / "data"


def test_subsets_are_disjoint_complete_and_in_order(root) -> None:
    train, val = subsets(root)
    assert (len(train), len(val)) == (7, 3)
    assert sorted(train + val) == names(MultiTaskFolderDataset(**room_config(root, "depth")))
    assert train == sorted(train)
    assert val == sorted(val)


def test_the_subset_is_one_of_images_and_not_of_the_list(root, tmp_path, monkeypatch) -> None:
    train, val = subsets(root)
    for ann_file in ("splits/train.txt", "list.json"):
        listed = subsets(root, ann_file=ann_file)
        assert (set(listed[0]), set(listed[1])) == (set(train), set(val))
    root.rename(tmp_path / "moved")
    monkeypatch.chdir(tmp_path)
    assert subsets("moved") == subsets("./moved/") == (train, val)
    assert subsets("moved", val_seed=1) != (train, val)


def test_indices_are_taken_from_the_subset(root) -> None:
    _, val = subsets(root)
    assert subsets(root, indices=2)[1] == val[:2]


def test_the_data_check_looks_at_the_subset_and_finds_no_leak(root) -> None:
    def listings(ann_file: str, *, seed: int = 0, indices: int | None = None):
        options = {"val_fraction": 0.3, "ann_file": ann_file, "indices": indices}
        part = room_config(root, "depth", **options)
        part["type"] = "mmaux.MultiTaskFolderDataset"
        return list_splits(
            {
                "train_dataloader": {"dataset": {**part, "subset": "train"}},
                "val_dataloader": {"dataset": {**part, "subset": "val", "val_seed": seed}},
            }
        )

    for ann_file in ("", "splits/train.txt", "list.json"):
        found = listings(ann_file)
        assert [len(listing.samples) for listing in found] == [7, 3]
        assert not [listing.problems for listing in found if listing.problems]
        assert not find_leaks(found)
        assert [len(listing.samples) for listing in listings(ann_file, indices=2)] == [2, 2]
    assert find_leaks(listings("", seed=1))


def test_a_missing_target_outside_the_subset_does_not_matter(root) -> None:
    _, val = subsets(root)
    (root / "depth" / val[0]).unlink()
    options = {"val_fraction": 0.3}
    assert len(MultiTaskFolderDataset(**room_config(root, "depth", subset="train", **options))) == 7
    with pytest.raises(ValueError, match=r"missing depth target \(1 of 3"):
        MultiTaskFolderDataset(**room_config(root, "depth", subset="val", **options))
