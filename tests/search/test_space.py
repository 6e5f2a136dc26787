import itertools
import random
from collections import Counter

import pytest
import torch
from networks import auxiliary, heads

from mmaux.models.auxiliary import AuxiliaryArchitecture
from mmaux.registry import MODELS
from mmaux.search import SearchSpace, canonical_key

TWO = SearchSpace(("semseg", "depth"), 4)


def test_sizes_by_hand():
    # Inputs of cell p: P maps and p - 1 earlier cells of each task up to its own; 6 * 6 * 2 ways.
    first, second, third = (4 * 5 * 6 * 7), (4 * 6 * 8 * 10), (4 * 7 * 10 * 13)
    assert TWO.size == (first * second) ** 2 * 72**8
    assert SearchSpace(("a", "b", "c"), 4).size == (first * second * third) ** 2 * 72**12
    assert (TWO.num_decisions, SearchSpace(("a", "b", "c"), 4).num_decisions) == (40, 60)


def test_small_spaces_are_counted_by_listing_them():
    space = SearchSpace(("a", "b"), 2, adaptors=("skip",), aggregations=("sum",))
    choices = [decision.choices for decision in space.decisions()]
    sequences = list(itertools.product(*choices))
    assert len(set(sequences)) == space.size == (2 * 2) ** 2 * (3 * 4) ** 2
    assert all(space.encode(space.decode(s)) == s for s in sequences)


def test_valid_choices_are_what_an_architecture_may_read():
    space = SearchSpace(("a", "b", "c"), 3)
    names = space.vocabulary("input")
    architecture = space.decode(space.sample(random.Random(0)))
    order = [(d.task, d.step) for d in space.decisions()[::5]]
    assert order == [(task, step) for step in (1, 2, 3) for task in ("a", "b", "c")]
    for decision in space.decisions():
        if decision.kind == "input":
            readable = {names[choice] for choice in decision.choices}
            assert readable == set(architecture.readable(decision.task, decision.step))
        else:
            assert decision.choices == tuple(range(len(space.vocabulary(decision.kind))))
    kinds = [decision.kind for decision in space.decisions()[:5]]
    assert kinds == ["input", "input", "adaptor", "adaptor", "aggregation"]


def test_sequences_and_architectures_are_two_forms_of_one_thing():
    generator = random.Random(0)
    for space in (TWO, SearchSpace(("a", "b", "c"), 4), SearchSpace(("a",), 1)):
        for _ in range(50):
            sequence = space.sample(generator)
            assert space.encode(space.decode(sequence)) == sequence
            assert AuxiliaryArchitecture.from_dict(
                space.decode(sequence).to_dict()
            ) == space.decode(sequence)


def test_sampling_is_uniform_over_valid_choices():
    generator = random.Random(0)
    space = SearchSpace(("a", "b"), 2)
    draws = [space.sample(generator) for _ in range(3000)]
    for position in (0, 10, 12, 15, 19):
        choices = space.decisions()[position].choices
        counts = Counter(draw[position] for draw in draws)
        assert counts.keys() == set(choices)
        expected = 3000 / len(choices)
        assert all(abs(count - expected) < 5 * expected**0.5 for count in counts.values())


@pytest.mark.parametrize("tasks", [("depth",), ("semseg", "depth"), ("semseg", "depth", "normal")])
@pytest.mark.parametrize("aggregation", ["sum", "concat"])
def test_the_basic_structure_is_a_member_with_equal_outputs(tasks, aggregation):
    basic = AuxiliaryArchitecture.basic(num_inputs=4, tasks=tasks, aggregation=aggregation)
    space = SearchSpace(tasks, 4)
    searched = space.decode(space.encode(basic))
    assert all(len(cells) == 4 for _, cells in searched.chains)
    assert canonical_key(searched) == canonical_key(basic)
    modules = [
        MODELS.build(auxiliary(architecture=form.to_dict(), heads=heads(*tasks)))
        for form in (basic, searched)
    ]
    # Cell p of the basic chain is cell p + 1 of the searched one, behind a dead cell.
    moved = {}
    for name, value in modules[0].state_dict().items():
        if name.startswith("cells."):
            _, cell, rest = name.split(".", 2)
            task, step = cell.rsplit("_", 1)
            name = f"cells.{task}_{int(step) + 1}.{rest}"
        moved[name] = value
    modules[1].load_state_dict(moved)
    torch.manual_seed(0)
    widths, sizes = (8, 8, 24, 80), (16, 8, 8, 8)
    maps = {"backbone": [torch.randn(2, c, s, s + 4) for c, s in zip(widths, sizes, strict=True)]}
    one, other = (module.eval()(maps) for module in modules)
    assert list(one) == list(tasks)
    for task in tasks:
        assert torch.equal(one[task], other[task])


def test_what_is_not_in_the_space_is_refused():
    sequence = list(TWO.sample(random.Random(0)))
    with pytest.raises(ValueError, match="has 40 decisions, found 39"):
        TWO.check(sequence[:-1])
    # The first cell reads feature maps only.
    with pytest.raises(ValueError, match=r"decision 0 \(input of cell 1 of 'semseg'\) is 4"):
        TWO.decode([4, *sequence[1:]])
    basic = AuxiliaryArchitecture.basic(num_inputs=4, tasks=("semseg", "depth"), adaptor="conv3x3")
    with pytest.raises(ValueError, match="no adaptor 'conv3x3'"):
        TWO.encode(basic)
    with pytest.raises(ValueError, match=r"over 3 feature maps, the search space .* over 4"):
        TWO.encode(AuxiliaryArchitecture.basic(num_inputs=3, tasks=("semseg", "depth")))
    with pytest.raises(ValueError, match=r"tasks are \['a', 'a'\]"):
        SearchSpace(("a", "a"), 4)
    with pytest.raises(ValueError, match="num_inputs is 0"):
        SearchSpace(("a",), 0)
    with pytest.raises(ValueError, match=r"adaptors are \['conv9'\]"):
        SearchSpace(("a",), 1, adaptors=("conv9",))
