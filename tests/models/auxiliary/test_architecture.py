import json
from dataclasses import FrozenInstanceError

import pytest

from mmaux.models.auxiliary import (
    ADAPTORS,
    AGGREGATIONS,
    AuxiliaryArchitecture,
    Cell,
    parse_architecture,
)


def cell(first="O1", second="O2", aggregation="sum", adaptors=("conv1x1", "skip")):
    return Cell((first, second), adaptors, aggregation)


SEARCHED = AuxiliaryArchitecture(
    num_inputs=3,
    chains=(
        ("semseg", (cell(), cell("semseg.1", "O3"), cell("O2", "semseg.1"))),
        (
            "depth",
            (cell("O3", "O3"), cell("semseg.1", "depth.1", "concat"), cell("semseg.2", "depth.2")),
        ),
    ),
)


def test_json_round_trip(tmp_path):
    SEARCHED.to_json(tmp_path / "a.json")
    assert AuxiliaryArchitecture.from_json(tmp_path / "a.json") == SEARCHED
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["chains"]["depth"][1] == {
        "inputs": ["semseg.1", "depth.1"],
        "adaptors": ["conv1x1", "skip"],
        "aggregation": "concat",
    }
    (tmp_path / "b.json").write_text(json.dumps({"reward": 0.5, "architecture": content}))
    assert AuxiliaryArchitecture.from_json(tmp_path / "b.json") == SEARCHED


def test_it_is_a_value():
    assert hash(SEARCHED) == hash(AuxiliaryArchitecture.from_dict(SEARCHED.to_dict()))
    with pytest.raises(FrozenInstanceError):
        SEARCHED.num_inputs = 4


def test_scopes_that_configs_add_are_ignored():
    content = SEARCHED.to_dict()
    content["chains"]["_scope_"] = "mmaux"
    content["chains"]["depth"][0]["_scope_"] = "mmaux"
    assert AuxiliaryArchitecture.from_dict(content) == SEARCHED


def test_readable_nodes():
    inputs = ("O1", "O2", "O3")
    assert SEARCHED.readable("semseg", 1) == SEARCHED.readable("depth", 1) == inputs
    assert SEARCHED.readable("semseg", 3) == (*inputs, "semseg.1", "semseg.2")
    assert SEARCHED.readable("depth", 2) == (*inputs, "semseg.1", "depth.1")
    uneven = AuxiliaryArchitecture(
        num_inputs=1, chains=(("a", (cell("O1", "O1"),)), ("b", (cell("O1", "O1"),) * 3))
    )
    assert uneven.readable("b", 3) == ("O1", "a.1", "b.1", "b.2")


@pytest.mark.parametrize(
    ("chains", "message"),
    [
        ({"a": [cell("O1", "a.1")]}, r"cell 1 of 'a' reads 'a\.1'"),  # itself
        ({"a": [cell(), cell("O1", "a.2")]}, r"cell 2 of 'a' reads 'a\.2'"),
        ({"a": [cell(), cell("O1", "a.3"), cell()]}, r"cell 2 of 'a' reads 'a\.3'"),
        ({"a": [cell(), cell("O1", "b.1")], "b": [cell()]}, r"cell 2 of 'a' reads 'b\.1'"),
        ({"a": [cell()], "b": [cell("O1", "a.1")]}, r"cell 1 of 'b' reads 'a\.1'"),  # same step
        ({"a": [cell("O1", "O4")]}, r"reads 'O4'; it may read \['O1', 'O2', 'O3'\]"),
        ({"a": [cell("O1", "O0")]}, "reads 'O0'"),
        ({"a": [cell("O1", "nonsense")]}, "reads 'nonsense'"),
        ({"a": []}, "a task and a cell for each"),
        ({}, "a task and a cell for each"),
    ],
)
def test_what_a_cell_may_not_read(chains, message):
    with pytest.raises(ValueError, match=message):
        AuxiliaryArchitecture(num_inputs=3, chains=tuple((t, tuple(c)) for t, c in chains.items()))


def test_other_impossible_architectures():
    with pytest.raises(ValueError, match="names a task twice"):
        AuxiliaryArchitecture(num_inputs=2, chains=(("a", (cell(),)), ("a", (cell(),))))
    with pytest.raises(ValueError, match="num_inputs"):
        AuxiliaryArchitecture(num_inputs=0, chains=(("a", (cell(),)),))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((("O1",), ("skip", "skip"), "sum"), "a cell has two inputs"),
        ((("O1", "O1"), ("skip",), "sum"), "a cell has two adaptors"),
        ((("O1", "O1"), ("conv1x1", "conv_1x1"), "sum"), r"adaptor 'conv_1x1'.*mean 'conv1x1'\?"),
        ((("O1", "O1"), ("skip", "sep_conv3x3_dil4"), "sum"), r"mean 'sep_conv3x3_dil\d'\?"),
        ((("O1", "O1"), ("skip", "skip"), "concatenate"), r"aggregation .*mean 'concat'\?"),
    ],
)
def test_bad_cells(arguments, message):
    with pytest.raises(ValueError, match=message):
        Cell(*arguments)


def test_the_search_space_has_the_papers_operations():
    assert len(ADAPTORS) == 7
    assert AGGREGATIONS == ("sum", "concat")


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (1, [("O1", "O1")]),
        (2, [("O1", "O2")]),
        (3, [("O1", "O2"), ("depth.1", "O3")]),
        (4, [("O1", "O2"), ("depth.1", "O3"), ("depth.2", "O4")]),
    ],
)
def test_basic_chains(inputs, expected):
    basic = AuxiliaryArchitecture.basic(num_inputs=inputs, tasks=("depth",), adaptor="conv3x3")
    cells = dict(basic.chains)["depth"]
    assert [c.inputs for c in cells] == expected
    assert cells[0].adaptors == ("conv3x3", "conv3x3")
    assert all(c.adaptors == ("skip", "conv3x3") for c in cells[1:])
    assert [name for name, _ in basic.live_cells()] == [f"depth.{i + 1}" for i in range(len(cells))]


def test_live_cells_are_computable_in_their_order_and_dead_ones_left_out():
    # semseg.2 is read by depth.3 only; semseg.3 is semseg's output; nothing reads depth's O3-cell
    # but depth.2.
    order = [name for name, _ in SEARCHED.live_cells()]
    assert order == ["semseg.1", "depth.1", "semseg.2", "depth.2", "semseg.3", "depth.3"]
    known = {"O1", "O2", "O3"}
    for name, found in SEARCHED.live_cells():
        assert set(found.inputs) <= known, name
        known.add(name)


def test_dead_cells():
    dead = AuxiliaryArchitecture(
        num_inputs=2,
        chains=(
            ("a", (cell(), cell("O1", "O2"), cell("a.1", "O1"))),  # nobody reads a.2
            ("b", (cell(), cell("b.1", "O2"), cell("O1", "a.1"))),  # b.3 forgets its own chain
        ),
    )
    assert [name for name, _ in dead.live_cells()] == ["a.1", "a.3", "b.3"]
    assert dead.outputs == {"a": "a.3", "b": "b.3"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "KeyError"),
        ({"chains": {"a": [{}]}, "num_inputs": 2}, "TypeError"),
        ({"chains": {"a": [{"input": 1}]}, "num_inputs": 2}, "an architecture is"),
        ({"chains": [], "num_inputs": 2}, "AttributeError"),
    ],
)
def test_bad_json_forms(content, message):
    with pytest.raises(ValueError, match=message):
        AuxiliaryArchitecture.from_dict(content)


@pytest.mark.parametrize("content", ["{", "[]", "3", '{"num_inputs": 2}'])
def test_bad_json_files_are_named(tmp_path, content):
    (tmp_path / "bad.json").write_text(content)
    with pytest.raises(ValueError, match=r"bad\.json: "):
        AuxiliaryArchitecture.from_json(tmp_path / "bad.json")


def test_parsing_takes_every_form(tmp_path):
    SEARCHED.to_json(tmp_path / "a.json")
    for spec in (SEARCHED, SEARCHED.to_dict(), tmp_path / "a.json", str(tmp_path / "a.json")):
        assert parse_architecture(spec, num_inputs=3, tasks=("semseg", "depth")) == SEARCHED
    basic = parse_architecture({"_scope_": "mmaux"}, num_inputs=2, tasks=("semseg", "depth"))
    assert basic == AuxiliaryArchitecture.basic(num_inputs=2, tasks=("semseg", "depth"))
    subset = parse_architecture({"tasks": ["depth"]}, num_inputs=2, tasks=("semseg", "depth"))
    assert subset.tasks == ("depth",)


@pytest.mark.parametrize(
    ("spec", "inputs", "message"),
    [
        (SEARCHED, 4, "reads 3 feature maps, but the auxiliary module is given 4 taps"),
        ({"adaptors": "conv1x1"}, 3, r"unknown options \['adaptors'\]"),
        ({"tasks": ("dept",)}, 3, r"the task 'dept'.*no head.*Did you mean 'depth'\?"),
        ({"adaptor": "conv2x2"}, 3, "unknown adaptor 'conv2x2'"),
    ],
)
def test_parsing_explains_mistakes(spec, inputs, message):
    with pytest.raises(ValueError, match=message):
        parse_architecture(spec, num_inputs=inputs, tasks=("semseg", "depth"))
