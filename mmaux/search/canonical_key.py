"""Equal graphs, equal key."""

import json
from collections.abc import Iterator

from mmaux.models.auxiliary.architecture import AuxiliaryArchitecture, Cell

Form = list[list[object]]


def canonical_key(architecture: AuxiliaryArchitecture) -> str:
    """A text that two architectures share exactly if they are the same graph.

    What counts is which operations lead from the feature maps to each task's head. It does not
    matter in which order a cell has its two branches (a concatenation in the other order permutes
    channels, and with them the weights that follow), where a cell stands in the sequence, to which
    task's chain it belongs unless a head reads it, and what dead cells look like. Two cells of
    equal structure are not the same as one that is read twice: they have weights of their own.
    """
    return json.dumps(min(_forms(architecture)), separators=(",", ":"))


def _forms(architecture: AuxiliaryArchitecture) -> Iterator[Form]:
    """Descriptions of the graph, one for each way to break its ties."""
    cells = dict(architecture.live_cells())
    colours = _colours(cells, architecture.outputs)
    tasks = sorted(architecture.outputs)
    roots = [architecture.outputs[task] for task in tasks]

    def walk(stack: list[str], numbers: dict[str, int], order: list[str]) -> Iterator[list[str]]:
        """Orders in which a depth-first walk from the heads meets the cells."""
        while stack and (stack[-1] in numbers or stack[-1] not in cells):
            stack = stack[:-1]
        if not stack:
            yield order
            return
        name = stack[-1]
        numbers = {**numbers, name: len(order)}
        edges = _edges(cells[name])
        ranks = [(adaptor, colours.get(node, node)) for adaptor, node in edges]
        ways = [edges] if ranks[0] < ranks[1] else [edges[::-1]]
        if ranks[0] == ranks[1] and edges[0] != edges[1]:
            ways = [edges, edges[::-1]]
        for way in ways:
            yield from walk([*stack[:-1], way[1][1], way[0][1]], numbers, [*order, name])

    for order in walk(roots[::-1], {}, []):
        names = {name: f"#{number}" for number, name in enumerate(order)}
        form: Form = [
            [cells[name].aggregation, *sorted((a, names.get(n, n)) for a, n in _edges(cells[name]))]
            for name in order
        ]
        heads: list[object] = [(task, names[architecture.outputs[task]]) for task in tasks]
        yield [heads, *form]


def _edges(cell: Cell) -> list[tuple[str, str]]:
    return list(zip(cell.adaptors, cell.inputs, strict=True))


def _colours(cells: dict[str, Cell], outputs: dict[str, str]) -> dict[str, str]:
    """A label of each cell that no renaming changes: what it computes and who reads it."""
    heads = {node: task for task, node in outputs.items()}
    below: dict[str, str] = {}
    for name, cell in cells.items():
        branches = sorted(f"{a}({below.get(n, n)})" for a, n in _edges(cell))
        below[name] = f"{cell.aggregation}[{','.join(branches)}]"
    above: dict[str, str] = {}
    for name in reversed(cells):
        readers = sorted(
            f"{a}>{above[reader]}"
            for reader, cell in cells.items()
            for a, n in _edges(cell)
            if n == name
        )
        above[name] = f"{heads.get(name, '')}{cells[name].aggregation}<{','.join(readers)}>"
    return {name: f"{below[name]}|{above[name]}" for name in cells}
