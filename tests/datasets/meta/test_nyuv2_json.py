import json
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

import mmaux.datasets

FACTS = json.loads((Path(mmaux.datasets.__file__).parent / "meta" / "nyuv2.json").read_text())
OFFICIAL = Path(__file__).parents[4] / "shared" / "data" / "nyud_meta"


def test_split_covers_every_frame_once() -> None:
    assert len(FACTS["train_ids"]) == 795
    assert len(FACTS["test_ids"]) == 654
    assert sorted(FACTS["train_ids"] + FACTS["test_ids"]) == list(range(1, 1450))
    assert FACTS["train_ids"][:3] == [3, 4, 5]
    assert FACTS["test_ids"][:3] == [1, 2, 9]


def test_classes_and_mappings() -> None:
    assert len(FACTS["classes40"]) == 40
    assert FACTS["classes40"][:4] == ["wall", "floor", "cabinet", "bed"]
    assert FACTS["classes40"][37:] == ["otherstructure", "otherfurniture", "otherprop"]
    names = "bed,books,ceiling,chair,floor,furniture,objects,picture,sofa,table,tv,wall,window"
    assert ",".join(FACTS["classes13"]) == names
    assert len(FACTS["map894to40"]) == 894
    assert set(FACTS["map894to40"]) == set(range(1, 41))
    named = {
        name: FACTS["classes13"][target - 1]
        for name, target in zip(FACTS["classes40"], FACTS["map40to13"], strict=True)
    }
    assert named["wall"] == "wall"
    assert named["television"] == "tv"
    assert named["desk"] == "table"
    assert named["blinds"] == "window"
    assert named["lamp"] == "objects"
    assert set(FACTS["map40to13"]) == set(range(1, 14))


@pytest.mark.parametrize("classes", [40, 13])
def test_palettes_are_distinct_and_leave_black_free(classes: int) -> None:
    colours = np.array(FACTS[f"palette{classes}"])
    assert colours.shape == (classes, 3)
    assert colours.min() >= 0
    assert colours.max() <= 255
    distances = np.abs(colours[:, None] - colours[None]).sum(-1) + 1000 * np.eye(classes)
    assert distances.min() > 20
    assert colours.sum(axis=1).min() > 60


def test_camera() -> None:
    assert FACTS["image_size"] == [480, 640]
    assert FACTS["intrinsics"] == [
        [518.857901, 0, 325.582449],
        [0, 519.469611, 253.736166],
        [0, 0, 1],
    ]


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official .mat files are not here")
def test_agrees_with_the_official_files() -> None:
    splits = loadmat(OFFICIAL / "splits.mat")
    assert FACTS["train_ids"] == splits["trainNdxs"].ravel().tolist()
    assert FACTS["test_ids"] == splits["testNdxs"].ravel().tolist()
    forty = loadmat(OFFICIAL / "classMapping40.mat")
    assert FACTS["map894to40"] == forty["mapClass"].ravel().tolist()
    assert FACTS["classes40"] == [str(name[0]) for name in forty["className"].ravel()]
    thirteen = loadmat(OFFICIAL / "class13Mapping.mat")["classMapping13"][0, 0]
    assert FACTS["map40to13"] == thirteen["labels13"].ravel().tolist()
    assert FACTS["classes13"] == [str(name[0]) for name in thirteen["classNames"].ravel()]
