from mmaux.datasets.nyuv2 import nyuv2_facts
from mmaux.datasets.sunrgbd import sunrgbd_facts

FACTS, NYUD = sunrgbd_facts(), nyuv2_facts()


def test_classes() -> None:
    assert len(FACTS["classes37"]) == len(set(FACTS["classes37"])) == 37
    assert FACTS["classes37"][:4] == ["wall", "floor", "cabinet", "bed"]
    assert FACTS["classes37"][34:] == ["lamp", "bathtub", "bag"]
    assert FACTS["train_frames"] + FACTS["test_frames"] == 10335
    assert FACTS["max_depth"] == 8


def test_the_classes_are_the_first_of_nyud() -> None:
    other_spelling = {"refridgerator": "fridge", "television": "tv"}
    names = [other_spelling.get(name, name).replace(" ", "_") for name in NYUD["classes40"]]
    assert FACTS["classes37"] == names[:37]
    assert FACTS["classes13"] == NYUD["classes13"]
    assert FACTS["map37to13"] == NYUD["map40to13"][:37]
    assert len(FACTS["palette37"]) == 37


def test_mapping_names() -> None:
    named = {
        name: FACTS["classes13"][target - 1]
        for name, target in zip(FACTS["classes37"], FACTS["map37to13"], strict=True)
    }
    assert {name for name, target in named.items() if target == "furniture"} == {
        *("cabinet", "bookshelf", "counter", "shelves", "dresser", "fridge", "night_stand")
    }
    assert {name for name, target in named.items() if target == "window"} == {
        *("window", "blinds", "curtain")
    }
    assert set(named.values()) == set(FACTS["classes13"])
