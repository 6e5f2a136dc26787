import pytest

from mmaux.conflicts import LayerConflict, advise
from mmaux.conflicts.advice import CAVEAT
from mmaux.conflicts.report import conflict_markdown, draw_conflicts

AGREE = [0.1, 0.2] * 5
OPPOSED = [-0.3, -0.2, -0.1, 0.05, -0.25] * 2
UNCLEAR = [-0.01, -0.02, 0.9, -0.03, -0.01] * 2


def layer(name="early", *, cosines=AGREE, depth=2.0, batches=10):
    return LayerConflict.of(
        name,
        norms={"semseg": [1.0] * batches, "depth": [depth] * batches},
        cosines={("semseg", "depth"): cosines},
    )


def kinds(*layers):
    return [(advice.kind, advice.layers) for advice in advise(layers)]


def test_neither_scale_nor_angle():
    (advice,) = advise([layer(), layer("late", depth=5.0)])
    assert (advice.kind, advice.layers) == ("no conflict", ("early", "late"))
    assert "the sum (mmaux.Scalarization) is fine" in advice.text


def test_scale_beyond_five_times():
    (advice,) = advise([layer(depth=0.19), layer("late", depth=6.0), layer("later")])
    assert (advice.kind, advice.layers) == ("unequal scale", ("early", "late"))
    assert "at most 6 times (depth over semseg in late)" in advice.text
    assert "goes where depth leads" in advice.text
    for method in ("IMTLG", "mmaux.GradNorm", "state='per_task'"):
        assert method in advice.text


def test_clearly_negative_cosines_are_a_conflict():
    (advice,) = advise([layer(), layer("late", cosines=OPPOSED)])
    assert (advice.kind, advice.layers) == ("conflict", ("late",))
    assert "mean cosine -0.16 in late, negative in 80% of the batches" in advice.text
    for method in ("mmaux.Alternation", "PCGrad", "CAGrad"):
        assert method in advice.text


def test_a_mean_that_may_be_zero_is_undecided():
    assert kinds(layer(cosines=UNCLEAR)) == [("undecided", ("early",))]


def test_both_findings_are_told():
    found = kinds(layer(cosines=OPPOSED, depth=9.0), layer("late", cosines=UNCLEAR))
    assert found == [
        ("unequal scale", ("early",)),
        ("conflict", ("early",)),
        ("undecided", ("late",)),
    ]


def test_few_batches_suggest_nothing():
    (advice,) = advise([layer(cosines=OPPOSED[:7], batches=7)])
    assert advice.kind == "few batches"
    assert "has 7 batches in common; below 8 nothing is suggested" in advice.text
    assert kinds(LayerConflict.of("own", norms={"depth": [1.0]}, cosines={})) == [
        ("few batches", ())
    ]


def test_markdown_and_picture():
    layers = [layer(), layer("late", cosines=OPPOSED)]
    lines = conflict_markdown(layers, advise(layers), heading="Title").splitlines()
    assert lines[0] == "# Title"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "|" in line]
    assert rows[0][:4] == ["layer", "norm of semseg", "norm of depth", "largest over smallest"]
    # s = 0.1308 over ten batches: t = 2.262, half of the interval 0.0936.
    assert rows[-1] == ["late", "1", "2", "2", "-0.160 (-0.254 to -0.066)", "80%"]
    assert CAVEAT in lines
    picture = draw_conflicts(layers, heading="Title")
    assert picture.shape[2] == 3
    assert picture.std() > 10


@pytest.mark.parametrize("cosines", [[0.1], [-0.1] * 10])
def test_values_without_spread_are_drawn(cosines):
    assert draw_conflicts([layer(cosines=cosines)], heading="x").std() > 10
