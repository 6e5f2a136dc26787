"""What an auxiliary module looks like, as data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mmaux.utils.shipped_content import PREFIX, find_shipped

ADAPTORS = (
    "conv1x1",
    "conv3x3",
    "sep_conv3x3",
    "sep_conv3x3_dil3",
    "sep_conv3x3_dil6",
    "skip",
    "deform_conv3x3",
)
AGGREGATIONS = ("sum", "concat")


def _check_name(kind: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        guess = get_close_matches(str(name), known, n=1)
        hint = f" Did you mean {guess[0]!r}?" if guess else ""
        raise ValueError(f"unknown {kind} {name!r}; known are {list(known)}.{hint}")


@dataclass(frozen=True)
class Cell:
    """One auxiliary cell (figure 2c): two inputs, an adaptor for each, one aggregation.

    Attributes:
        inputs: Names of two nodes: ``O1`` ... ``OP`` are the feature maps that the module reads,
            ``depth.2`` is the output of the second cell of task ``depth``.
        adaptors: Names from :data:`ADAPTORS`.
        aggregation: ``sum`` (per pixel) or ``concat`` (of channels).
    """

    inputs: tuple[str, str]
    adaptors: tuple[str, str]
    aggregation: str

    def __post_init__(self) -> None:
        for field in ("inputs", "adaptors"):
            value = tuple(getattr(self, field))
            if len(value) != 2:
                raise ValueError(f"a cell has two {field}, found {value}.")
            object.__setattr__(self, field, value)
        for adaptor in self.adaptors:
            _check_name("adaptor", adaptor, ADAPTORS)
        _check_name("aggregation", self.aggregation, AGGREGATIONS)


@dataclass(frozen=True)
class AuxiliaryArchitecture:
    """The cells of all auxiliary modules, one chain per task (section 3.2 of 1909.02214).

    What the paper leaves open is settled here:

    - **Readable nodes.** Cell p of the t-th task reads any of the P feature maps, and the outputs
      of cells 1..p-1 of tasks 1..t. The paper's sentence names tasks 1..t-1; a task's own earlier
      cells must be readable too, or the basic structure (equation 2) would not be a member.
    - **Order.** Tasks are ordered as given. A cell never reads a later task, nor a cell of its own
      step or later, so cells can be computed step by step (figure 2d).
    - **Output.** The last cell of a task's chain feeds its auxiliary head. Cells that no head
      depends on are dead: they are kept in the description and never built.
    - **First cell.** Equation 2 starts from an undefined ``h_0``. Here ``h_1 = D_1(O_1)``, so the
      basic chain's first cell computes ``h_2 = D_1(O_1) (+) D_2(O_2)`` and P feature maps need
      P - 1 cells. (With P cells the first is dead.)

    Attributes:
        num_inputs: P.
        chains: Pairs of a task's name and its cells.
    """

    num_inputs: int
    chains: tuple[tuple[str, tuple[Cell, ...]], ...]

    def __post_init__(self) -> None:
        chains = tuple((str(task), tuple(cells)) for task, cells in self.chains)
        object.__setattr__(self, "chains", chains)
        if self.num_inputs < 1:
            raise ValueError(f"num_inputs is the number of feature maps read, >= 1, found {self}.")
        if not chains or any(not cells for _, cells in chains):
            raise ValueError(f"an architecture has a task and a cell for each, found {chains}.")
        if len(set(self.tasks)) != len(self.tasks):
            raise ValueError(f"an architecture names a task twice: {self.tasks}.")
        for task, cells in chains:
            for step, cell in enumerate(cells, start=1):
                for name in cell.inputs:
                    self._check_input(task, step, name)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of the tasks, in order."""
        return tuple(task for task, _ in self.chains)

    @property
    def outputs(self) -> dict[str, str]:
        """Name of the node that feeds each task's head."""
        return {task: f"{task}.{len(cells)}" for task, cells in self.chains}

    def readable(self, task: str, step: int) -> tuple[str, ...]:
        """Names of the nodes that cell ``step`` (from 1) of ``task`` may read."""
        nodes = [f"O{p}" for p in range(1, self.num_inputs + 1)]
        for other, cells in self.chains[: self.tasks.index(task) + 1]:
            nodes += [f"{other}.{p}" for p in range(1, min(step - 1, len(cells)) + 1)]
        return tuple(nodes)

    def live_cells(self, tasks: Sequence[str] | None = None) -> Iterator[tuple[str, Cell]]:
        """Name and cell of every cell that a head depends on, in an order of computation.

        Args:
            tasks: Tasks whose heads count; None: all.
        """
        cells = {f"{t}.{p}": c for t, chain in self.chains for p, c in enumerate(chain, start=1)}
        live: set[str] = set()
        waiting = [o for task, o in self.outputs.items() if tasks is None or task in tasks]
        while waiting:
            name = waiting.pop()
            if name in cells and name not in live:
                live.add(name)
                waiting += cells[name].inputs
        for step in range(1, max(len(chain) for _, chain in self.chains) + 1):
            for task in self.tasks:
                if f"{task}.{step}" in live:
                    yield f"{task}.{step}", cells[f"{task}.{step}"]

    @classmethod
    def basic(
        cls,
        *,
        num_inputs: int,
        tasks: Sequence[str],
        adaptor: str = "conv1x1",
        aggregation: str = "sum",
    ) -> "AuxiliaryArchitecture":
        """The paper's basic structure: one chain a task, ``h_p = h_{p-1} (+) D_p(O_p)``.

        Args:
            num_inputs: P; with P = 1 the only cell reads O1 through two adaptors.
            tasks: Tasks that get a chain.
            adaptor: D (``conv1x1``; table 2 also has ``conv3x3``).
            aggregation: (+), ``sum`` or ``concat``.
        """

        def chain(task: str) -> tuple[Cell, ...]:
            first = Cell(("O1", f"O{min(2, num_inputs)}"), (adaptor, adaptor), aggregation)
            rest = (
                Cell((f"{task}.{p - 2}", f"O{p}"), ("skip", adaptor), aggregation)
                for p in range(3, num_inputs + 1)
            )
            return (first, *rest)

        return cls(num_inputs=num_inputs, chains=tuple((task, chain(task)) for task in tasks))

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "num_inputs": self.num_inputs,
            "chains": {
                task: [
                    {
                        "inputs": list(cell.inputs),
                        "adaptors": list(cell.adaptors),
                        "aggregation": cell.aggregation,
                    }
                    for cell in cells
                ]
                for task, cells in self.chains
            },
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "AuxiliaryArchitecture":
        """Read the JSON form.

        Raises:
            ValueError: A field is missing, unknown or impossible.
        """
        try:
            chains = tuple(
                (task, tuple(Cell(**{k: c[k] for k in c if k != "_scope_"}) for c in cells))
                for task, cells in content["chains"].items()
                if task != "_scope_"
            )
            num_inputs = int(content["num_inputs"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                "an architecture is {num_inputs: P, chains: {task: [{inputs, adaptors, "
                f"aggregation}}, ...]}}}}, found {content} ({error!r})."
            ) from error
        return cls(num_inputs=num_inputs, chains=chains)

    def to_json(self, path: str | Path) -> None:
        """Write the JSON form to a file."""
        Path(path).write_text(json.dumps(self.to_dict(), indent=2) + "\n")

    @classmethod
    def from_json(cls, path: str | Path) -> "AuxiliaryArchitecture":
        """Read a JSON file; other keys beside ``architecture`` or the form itself are allowed.

        Args:
            path: The file, or the name of a shipped one such as
                ``mmaux::architectures/auxi_both_mbv2_rooms.json``.

        Raises:
            ValueError: There is no such shipped file, or the file is not JSON of this form; the
                message names it.
        """
        file = find_shipped(str(path)) if str(path).startswith(PREFIX) else Path(path)
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            if isinstance(content, dict):
                content = content.get("architecture", content)
            return cls.from_dict(content)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def _check_input(self, task: str, step: int, name: str) -> None:
        if name not in self.readable(task, step):
            raise ValueError(
                f"cell {step} of {task!r} reads {name!r}; it may read "
                f"{list(self.readable(task, step))}."
            )


def parse_architecture(
    spec: str | Path | Mapping[str, Any] | AuxiliaryArchitecture,
    *,
    num_inputs: int,
    tasks: Sequence[str],
) -> AuxiliaryArchitecture:
    """Turn a config's value into an architecture.

    Args:
        spec: A JSON file or the name of a shipped one, the JSON form, or options of
            :meth:`AuxiliaryArchitecture.basic` (``tasks`` may be left out: every task of the
            network).
        num_inputs: Feature maps that the module reads; must match.
        tasks: Tasks of the network.

    Raises:
        ValueError: The number of inputs differs or a task is not one of the network's.
    """
    if isinstance(spec, AuxiliaryArchitecture):
        architecture = spec
    elif isinstance(spec, str | Path):
        architecture = AuxiliaryArchitecture.from_json(spec)
    elif "chains" in spec:
        architecture = AuxiliaryArchitecture.from_dict(spec)
    else:
        options = {"tasks": tuple(tasks), **{k: spec[k] for k in spec if k != "_scope_"}}
        unknown = set(options) - {"tasks", "adaptor", "aggregation"}
        if unknown:
            raise ValueError(
                f"architecture has unknown options {sorted(unknown)}; the basic structure takes "
                "tasks, adaptor and aggregation."
            )
        architecture = AuxiliaryArchitecture.basic(num_inputs=num_inputs, **options)
    if architecture.num_inputs != num_inputs:
        raise ValueError(
            f"the architecture reads {architecture.num_inputs} feature maps, but the auxiliary "
            f"module is given {num_inputs} taps."
        )
    check_tasks(architecture.tasks, known=tasks)
    return architecture


def check_tasks(tasks: Sequence[str], *, known: Sequence[str]) -> None:
    """Compare an auxiliary module's tasks with those of the network.

    Raises:
        ValueError: The network has no such task.
    """
    for task in tasks:
        if task not in known:
            guess = get_close_matches(task, known, n=1)
            hint = f" Did you mean {guess[0]!r}?" if guess else ""
            raise ValueError(
                f"the auxiliary module has the task {task!r}, for which the model has no head; "
                f"its heads are {list(known)}.{hint}"
            )
