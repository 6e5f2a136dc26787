import json

import pytest

from mmaux.benchmarking.comparison import Comparison
from mmaux.benchmarking.quartiles import Quartiles

ROUNDS = {"joint": (1.0, 2.0, 4.0), "auxi": (1.5, 2.0, 5.0)}


def compare(rounds=ROUNDS, *, reference="joint", **options):
    return Comparison.of(rounds, title="a step", unit="ms", reference=reference, **options)


def test_ratios_are_taken_within_a_round():
    """1.5, 1.0 and 1.25; the ratio of the medians would be 1."""
    comparison = compare(scale=1000)
    assert comparison.ratios == {"auxi": Quartiles(lower=1.125, median=1.25, upper=1.375, count=3)}
    assert comparison.values["joint"] == Quartiles(1500, 2000, 3000, 3)


def test_a_slow_round_moves_no_ratio():
    slow = {name: (a, 100 * b, c) for name, (a, b, c) in ROUNDS.items()}
    assert compare(slow).ratios == compare().ratios


@pytest.mark.parametrize(
    ("aim", "verdict"), [(1.25, "met"), (1.2, "not told apart"), (1.1, "missed")]
)
def test_verdict(aim, verdict):
    """Median 1.25, lower quartile 1.125."""
    assert compare(aim=aim).verdicts() == {"auxi": verdict}


def test_no_aim_no_verdict():
    assert compare().verdicts() == {}


def test_json_form():
    content = json.loads(json.dumps(compare(aim=2.0).to_dict()))
    assert content["ratios"]["auxi"]["median"] == 1.25
    assert content["aim"] == 2.0


def test_errors():
    with pytest.raises(ValueError, match=r"reference is 'x', expected one of \['joint', 'auxi'\]"):
        compare(reference="x")
    with pytest.raises(ValueError, match=r"found \{'joint': 2, 'auxi': 1\} rounds"):
        compare({"joint": (1, 2), "auxi": (1,)})
    with pytest.raises(ValueError, match="joint measures zero"):
        compare({"joint": (1, 0), "auxi": (1, 1)})
