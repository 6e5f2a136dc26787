import itertools
import random

import networkx as nx

from mmaux.models.auxiliary import AuxiliaryArchitecture, Cell
from mmaux.search import SearchSpace, canonical_key


def graph_of(architecture):
    """The graph as networkx sees it: an edge is a node, so that two may join the same cells."""
    graph = nx.DiGraph()
    cells = dict(architecture.live_cells())
    for p in range(1, architecture.num_inputs + 1):
        graph.add_node(f"O{p}", label=f"O{p}")
    for name, cell in cells.items():
        graph.add_node(name, label=cell.aggregation)
    for name, cell in cells.items():
        for slot, (node, adaptor) in enumerate(zip(cell.inputs, cell.adaptors, strict=True)):
            graph.add_node((name, slot), label=adaptor)
            graph.add_edge(node, (name, slot))
            graph.add_edge((name, slot), name)
    for task, node in architecture.outputs.items():
        graph.add_node(("head", task), label=f"head of {task}")
        graph.add_edge(node, ("head", task))
    return graph


def same_graph(one, other):
    return nx.is_isomorphic(one, other, node_match=lambda a, b: a["label"] == b["label"])


def chain(*cells):
    return tuple(Cell(inputs, adaptors, way) for inputs, adaptors, way in cells)


def one_task(*cells, num_inputs=2):
    return AuxiliaryArchitecture(num_inputs=num_inputs, chains=(("a", chain(*cells)),))


def test_keys_agree_with_graph_isomorphism_on_a_whole_space():
    space = SearchSpace(("a",), 2, adaptors=("skip", "conv1x1"), aggregations=("sum",))
    sequences = list(itertools.product(*(d.choices for d in space.decisions())))
    classes = {}
    for sequence in sequences:
        architecture = space.decode(sequence)
        classes.setdefault(canonical_key(architecture), []).append(graph_of(architecture))
    assert len(sequences) == 2 * 2 * 4 * 3 * 3 * 4
    representatives = [graphs[0] for graphs in classes.values()]
    for graphs in classes.values():
        assert all(same_graph(graphs[0], graph) for graph in graphs)
    for one, other in itertools.combinations(representatives, 2):
        assert not same_graph(one, other)


def test_keys_agree_with_graph_isomorphism_where_ties_are_common():
    space = SearchSpace(("a", "b"), 3, adaptors=("skip",), aggregations=("sum",))
    generator = random.Random(0)
    graphs = {}
    for _ in range(3000):
        architecture = space.decode(space.sample(generator))
        graphs.setdefault(canonical_key(architecture), []).append(graph_of(architecture))
    assert max(len(same) for same in graphs.values()) > 3
    for same in graphs.values():
        assert all(same_graph(same[0], graph) for graph in same[1:])
    sizes = {}
    for same in graphs.values():
        sizes.setdefault((same[0].number_of_nodes(), same[0].number_of_edges()), []).append(same[0])
    pairs = 0
    for candidates in sizes.values():
        for one, other in itertools.combinations(candidates[:25], 2):
            pairs += 1
            assert not same_graph(one, other)
    assert pairs > 300


def test_the_order_of_branches_does_not_matter():
    one = one_task((("O1", "O2"), ("skip", "conv1x1"), "concat"))
    other = one_task((("O2", "O1"), ("conv1x1", "skip"), "concat"))
    crossed = one_task((("O1", "O2"), ("conv1x1", "skip"), "concat"))
    assert canonical_key(one) == canonical_key(other) != canonical_key(crossed)


def test_dead_cells_do_not_matter():
    live = (("O1", "O2"), ("skip", "conv1x1"), "sum")
    dead = (("O2", "O2"), ("conv1x1", "conv1x1"), "concat")
    assert canonical_key(one_task(live)) == canonical_key(one_task(dead, live))


def test_a_shared_cell_is_not_two_equal_cells():
    cell = (("O1", "O2"), ("conv1x1", "conv1x1"), "sum")
    shared = one_task(cell, cell, (("a.1", "a.1"), ("skip", "conv1x1"), "sum"))
    twins = one_task(cell, cell, (("a.1", "a.2"), ("skip", "conv1x1"), "sum"))
    renamed = one_task(cell, cell, (("a.2", "a.2"), ("skip", "conv1x1"), "sum"))
    assert canonical_key(shared) == canonical_key(renamed) != canonical_key(twins)


def test_whose_chain_an_inner_cell_stands_in_does_not_matter_but_whose_head_it_feeds():
    inner = (("O1", "O2"), ("conv1x1", "skip"), "sum")
    last = (("O2", "O2"), ("skip", "conv1x1"), "sum")

    def two(a, b):
        return AuxiliaryArchitecture(num_inputs=2, chains=(("a", chain(*a)), ("b", chain(*b))))

    of_a = two((inner, last), (last, (("a.1", "O1"), ("skip", "skip"), "sum")))
    of_b = two((last, last), (inner, (("b.1", "O1"), ("skip", "skip"), "sum")))
    assert canonical_key(of_a) == canonical_key(of_b)
    swapped = two((inner,), (last,)), two((last,), (inner,))
    assert canonical_key(swapped[0]) != canonical_key(swapped[1])


def test_ties_that_no_neighbourhood_breaks_are_walked_both_ways():
    """One branch reads two equal cells, the other one of them twice: alike from near, not equal."""
    leaf = (("O1", "O1"), ("skip", "skip"), "sum")
    keys = set()
    for branches in (("a.3", "b.2"), ("b.2", "a.3")):
        architecture = AuxiliaryArchitecture(
            num_inputs=1,
            chains=(
                ("a", chain(leaf, leaf, (("a.1", "a.1"), ("skip", "skip"), "sum"), leaf)),
                (
                    "b",
                    chain(
                        leaf,
                        (("b.1", "a.1"), ("skip", "skip"), "sum"),
                        leaf,
                        (branches, ("skip", "skip"), "sum"),
                    ),
                ),
            ),
        )
        keys.add(canonical_key(architecture))
    assert len(keys) == 1
