"""The search space of auxiliary modules: architectures as sequences of decisions."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mmaux.models.auxiliary.architecture import (
    ADAPTORS,
    AGGREGATIONS,
    AuxiliaryArchitecture,
    Cell,
)

SEARCHED_ADAPTORS = (
    "sep_conv3x3",
    "conv1x1",
    "sep_conv3x3_dil3",
    "sep_conv3x3_dil6",
    "skip",
    "deform_conv3x3",
)
"""op_ad of section 3.2, in the paper's order."""

DECISIONS_PER_CELL = 5

Kind = Literal["input", "adaptor", "aggregation"]
_KINDS: tuple[Kind, ...] = ("input", "input", "adaptor", "adaptor", "aggregation")


@dataclass(frozen=True)
class Decision:
    """One position of a sequence.

    Attributes:
        task: Task of the cell.
        step: The cell's place in its task's chain, from 1.
        kind: What is decided.
        slot: 0 or 1, which of the cell's two inputs or adaptors; 0 for the aggregation.
        choices: The valid choices, as indices into :meth:`SearchSpace.vocabulary` of the kind.
    """

    task: str
    step: int
    kind: Kind
    slot: int
    choices: tuple[int, ...]


@dataclass(frozen=True)
class SearchSpace:
    """All auxiliary modules with P cells for each of T tasks (section 3.2, figure 2 of 1909.02214).

    An architecture is a sequence of 5PT decisions. Cells come in the order of figure 2d, the p-th
    cell of every task before the (p+1)-th of any; each takes five decisions, its two inputs, an
    adaptor for each, and the aggregation. A decision is an index into the vocabulary of its kind,
    of which only part is valid at its position: a cell reads the feature maps and outputs of
    earlier cells, as :class:`AuxiliaryArchitecture` settles where the paper's sentence is
    ambiguous.

    Attributes:
        tasks: Names of the T tasks, in order.
        num_inputs: P, the number of feature maps and of a task's cells.
        adaptors: op_ad.
        aggregations: op_ag.
    """

    tasks: tuple[str, ...]
    num_inputs: int
    adaptors: tuple[str, ...] = SEARCHED_ADAPTORS
    aggregations: tuple[str, ...] = AGGREGATIONS

    def __post_init__(self) -> None:
        for name, known in (("adaptors", ADAPTORS), ("aggregations", AGGREGATIONS)):
            value = tuple(getattr(self, name))
            object.__setattr__(self, name, value)
            unknown = [entry for entry in value if entry not in known]
            if not value or unknown or len(set(value)) != len(value):
                raise ValueError(
                    f"search space: {name} are {list(value)}; expected different ones of "
                    f"{list(known)}."
                )
        object.__setattr__(self, "tasks", tuple(self.tasks))
        if not self.tasks or len(set(self.tasks)) != len(self.tasks):
            raise ValueError(
                f"search space: tasks are {list(self.tasks)}; expected different ones."
            )
        if self.num_inputs < 1:
            raise ValueError(f"search space: num_inputs is {self.num_inputs}; expected 1 or more.")

    @property
    def num_decisions(self) -> int:
        """Length of a sequence, 5PT."""
        return DECISIONS_PER_CELL * self.num_inputs * len(self.tasks)

    def vocabulary(self, kind: Kind) -> tuple[str, ...]:
        """What a decision of this kind chooses from, valid or not.

        Inputs are the feature maps, then the cells' outputs in the order of the sequence.
        """
        if kind == "adaptor":
            return self.adaptors
        if kind == "aggregation":
            return self.aggregations
        maps = [f"O{p}" for p in range(1, self.num_inputs + 1)]
        return (*maps, *(f"{task}.{step}" for task, step in self._cells()))

    def decisions(self) -> tuple[Decision, ...]:
        """Every position of a sequence."""
        nodes = {name: index for index, name in enumerate(self.vocabulary("input"))}
        sizes = {kind: range(len(self.vocabulary(kind))) for kind in _KINDS}
        result = []
        for task, step in self._cells():
            readable = tuple(nodes[name] for name in self._readable(task, step))
            for position, kind in enumerate(_KINDS):
                choices = readable if kind == "input" else tuple(sizes[kind])
                slot = position % 2 if kind != "aggregation" else 0
                result.append(Decision(task, step, kind, slot, choices))
        return tuple(result)

    @property
    def size(self) -> int:
        """Number of sequences. Architectures are fewer: see :func:`canonical_key`."""
        return math.prod(len(decision.choices) for decision in self.decisions())

    def check(self, sequence: Sequence[int]) -> tuple[int, ...]:
        """The sequence, if it belongs to the space.

        Raises:
            ValueError: It has another length, or a choice that is not valid at its position.
        """
        if len(sequence) != self.num_decisions:
            raise ValueError(
                f"a sequence has {self.num_decisions} decisions, found {len(sequence)}."
            )
        for position, (choice, decision) in enumerate(zip(sequence, self.decisions(), strict=True)):
            if choice not in decision.choices:
                raise ValueError(
                    f"decision {position} ({decision.kind} of cell {decision.step} of "
                    f"{decision.task!r}) is {choice}; expected one of {list(decision.choices)}."
                )
        return tuple(int(choice) for choice in sequence)

    def decode(self, sequence: Sequence[int]) -> AuxiliaryArchitecture:
        """The architecture that a sequence describes.

        Raises:
            ValueError: See :meth:`check`.
        """
        sequence = self.check(sequence)
        nodes = self.vocabulary("input")
        chains: dict[str, list[Cell]] = {task: [] for task in self.tasks}
        for number, (task, _) in enumerate(self._cells()):
            start = DECISIONS_PER_CELL * number
            first, second, left, right, way = sequence[start : start + DECISIONS_PER_CELL]
            chains[task].append(
                Cell(
                    (nodes[first], nodes[second]),
                    (self.adaptors[left], self.adaptors[right]),
                    self.aggregations[way],
                )
            )
        return AuxiliaryArchitecture(
            num_inputs=self.num_inputs,
            chains=tuple((task, tuple(cells)) for task, cells in chains.items()),
        )

    def encode(self, architecture: AuxiliaryArchitecture) -> tuple[int, ...]:
        """A sequence that describes an architecture.

        A chain of fewer than P cells is moved to the end of its task's cells, behind dead ones:
        the basic structure has P - 1.

        Raises:
            ValueError: The architecture is not in the space.
        """
        chains = dict(architecture.chains)
        if set(chains) != set(self.tasks) or architecture.num_inputs != self.num_inputs:
            raise ValueError(
                f"the architecture has the tasks {list(chains)} over {architecture.num_inputs} "
                f"feature maps, the search space {list(self.tasks)} over {self.num_inputs}."
            )
        too_long = [task for task, cells in chains.items() if len(cells) > self.num_inputs]
        if too_long:
            raise ValueError(f"the chains of {too_long} have more than {self.num_inputs} cells.")
        shift = {task: self.num_inputs - len(cells) for task, cells in chains.items()}

        def moved(name: str) -> str:
            task, dot, step = name.rpartition(".")
            return f"{task}.{int(step) + shift[task]}" if dot else name

        dead = Cell(("O1", "O1"), (self.adaptors[0],) * 2, self.aggregations[0])
        sequence: list[int] = []
        nodes = self.vocabulary("input")
        for task, step in self._cells():
            place = step - 1 - shift[task]
            cell = chains[task][place] if place >= 0 else dead
            for name in cell.adaptors:
                if name not in self.adaptors:
                    raise ValueError(f"the search space has no adaptor {name!r}.")
            if cell.aggregation not in self.aggregations:
                raise ValueError(f"the search space has no aggregation {cell.aggregation!r}.")
            sequence += [
                *(nodes.index(moved(name)) for name in cell.inputs),
                *(self.adaptors.index(name) for name in cell.adaptors),
                self.aggregations.index(cell.aggregation),
            ]
        return self.check(sequence)

    def sample(self, generator: random.Random) -> tuple[int, ...]:
        """A sequence, each decision drawn uniformly from its valid choices."""
        return tuple(generator.choice(decision.choices) for decision in self.decisions())

    def _cells(self) -> list[tuple[str, int]]:
        steps = range(1, self.num_inputs + 1)
        return [(task, step) for step in steps for task in self.tasks]

    def _readable(self, task: str, step: int) -> list[str]:
        before = self.tasks[: self.tasks.index(task) + 1]
        cells = [f"{other}.{earlier}" for other in before for earlier in range(1, step)]
        return [f"O{p}" for p in range(1, self.num_inputs + 1)] + cells
