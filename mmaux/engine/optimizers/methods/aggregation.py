"""The tasks' gradients combined by an aggregator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import torch
from mmengine.dist import all_reduce, get_world_size, is_distributed
from torch import Tensor

from mmaux.engine.optimizers.gradient_reduction import average_over_processes
from mmaux.engine.optimizers.hidden_state import full_state, load_full_state
from mmaux.engine.optimizers.torchjd_modules import Spec, build_aggregator, gives_weights
from mmaux.registry import TASK_OPTIMIZATION

from .base_method import BaseMethod, labelled
from .drawing import torch_seeded_for_step

if TYPE_CHECKING:
    from mmaux.engine.optimizers.task_step import TaskStep

Rows = dict[str, list[Tensor | None]]
"""By task, its gradient in each of a list of tensors; None where its loss does not depend on it."""


@TASK_OPTIMIZATION.register_module()
class Aggregation(BaseMethod):
    """One forward pass, the gradient of each task, and one aggregated gradient for what they share.

    The aggregator is one of ``torchjd.aggregation``: ``MGDA`` (Sener & Koltun 2018), ``PCGrad`` (Yu
    et al. 2020), ``CAGrad`` (Liu et al. 2021), ``GradDrop`` (Chen et al. 2020), ``GradVac`` (Wang
    et al. 2021), ``IMTLG`` (Liu et al. 2021), ``NashMTL`` (Navon et al. 2022), ``AlignedMTL``
    (Senushkin et al. 2023), ``FairGrad`` (Ban & Ji 2024), ``UPGrad`` (Quinton & Rey 2024), ...

    Shared is what at least two tasks' objectives reach by gradient; what one task alone reaches
    gets that task's gradient as it is. A task without labels in the batch is left out. With one
    task left its gradient is used as it is.

    With ``level='parameters'`` the gradients are those of the shared parameters, by T backward
    passes. With ``level='features'`` the graph is cut at every shared map that heads and auxiliary
    modules read, the tasks' gradients are taken there (and in parameters behind the cut that
    several tasks share), combined, and sent through the encoder in one backward pass.

    Aggregators that need the Gramian only, and give weights, get it as a sum over parameters, and
    the weights combine the rows in place: the Jacobian is never copied into one matrix. With so few
    tasks its T rows cost less than a second way to the Gramian would.

    Args:
        aggregator: Name, or config, of the aggregator.
        level: ``'parameters'`` or ``'features'``.
        every: Compute the weights in every so many steps only; between them the last ones weigh the
            objectives in one backward pass. For aggregators that give weights, on parameters.
        weights: See :class:`BaseMethod`.
        seed: See :class:`BaseMethod`.

    Raises:
        ValueError: The aggregator cannot be had at this level, with this ``every``, or on several
            processes.
    """

    def __init__(
        self,
        *,
        aggregator: Spec,
        level: Literal["parameters", "features"] = "parameters",
        every: int = 1,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(weights=weights, seed=seed)
        if level not in ("parameters", "features"):
            raise ValueError(f"method.level is 'parameters' or 'features', found {level!r}.")
        self.spec = aggregator
        self.level = level
        self.keeps_whole_graph = level == "parameters"
        self.every = every
        self._aggregator: Any = None
        self._tasks: tuple[str, ...] = ()
        self._rows: Rows = {}
        self._last_weights: dict[str, float] = {}
        self._owners: dict[int, str] = {}
        probe = build_aggregator(aggregator, count=2)
        name = type(probe).__name__
        if every < 1 or (every > 1 and not (gives_weights(probe) and level == "parameters")):
            raise ValueError(
                f"method.every is {every} with {name}, level={level!r}; expected 1, or more with "
                "level='parameters' and an aggregator that weighs the tasks."
            )
        if level == "features" and is_distributed() and not gives_weights(probe, of_gramian=True):
            raise ValueError(
                f"{name} needs the features' gradients of the whole batch, which is spread over "
                "processes; use level='parameters', or an aggregator of the Gramian."
            )

    def update(self, step: TaskStep) -> None:
        """Gradients by task, aggregation, update."""
        objectives = self.weigh(step.forward(cut=self.level == "features"))
        if self._aggregator is None:
            self._build(tuple(objectives))
        present = labelled(objectives, step.values(objectives))
        if self.level == "features":
            self._through_features(step, present)
        elif self._may_reuse(step, present):
            self._with_last_weights(step, present)
        else:
            self._through_parameters(step, present)
        for task, weight in self._last_weights.items():
            step.log(f"{task}.task_weight", weight)
        step.wrapper.finish()

    # Parameters -------------------------------------------------------------------------------

    def _through_parameters(self, step: TaskStep, present: Mapping[str, Tensor]) -> None:
        parameters = step.wrapper.parameters
        for task, gradients in _gradients(step, present, parameters).items():
            before = self._rows.get(task)
            self._rows[task] = gradients if before is None else _added(before, gradients)
        if not step.is_last_of_accumulation:
            return
        rows, self._rows = self._rows, {}
        for row in rows.values():
            average_over_processes([gradient for gradient in row if gradient is not None])
        combined = self._combine(step, rows)
        for parameter, gradient in zip(parameters, combined, strict=True):
            parameter.grad = gradient
        tasks = list(rows)
        self._owners = {
            index: task
            for index, column in enumerate(zip(*rows.values(), strict=True))
            for task in [_only_reader(tasks, column)]
            if task is not None
        }

    def _may_reuse(self, step: TaskStep, present: Mapping[str, Tensor]) -> bool:
        weights = self._last_weights
        known = set(present) <= set(weights) and all(abs(weights[t]) > 1e-6 for t in present)
        update = step.number // max(1, step.wrapper._accumulative_counts)
        return bool(self.every > 1 and update % self.every and known and not self._rows)

    def _with_last_weights(self, step: TaskStep, present: Mapping[str, Tensor]) -> None:
        """One backward pass; what a task has to itself is brought back to its own gradient."""
        if present:
            weighted = [self._last_weights[task] * loss for task, loss in present.items()]
            step.backward(torch.stack(weighted).sum())
        if step.is_last_of_accumulation:
            for index, parameter in enumerate(step.wrapper.parameters):
                owner = self._owners.get(index)
                if owner is not None and parameter.grad is not None:
                    parameter.grad /= self._last_weights[owner]

    # Features ---------------------------------------------------------------------------------

    def _through_features(self, step: TaskStep, present: Mapping[str, Tensor]) -> None:
        leaves = [cut.leaf for cut in step.cuts]
        parameters = step.wrapper.parameters
        rows = _gradients(step, present, [*leaves, *parameters])
        combined = self._combine(step, rows)
        for parameter, gradient in zip(parameters, combined[len(leaves) :], strict=True):
            if gradient is not None:
                parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        read = [
            (cut.feature, gradient)
            for cut, gradient in zip(step.cuts, combined, strict=False)
            if gradient is not None
        ]
        if read:
            torch.autograd.backward([f for f, _ in read], [g for _, g in read])

    # Aggregation ------------------------------------------------------------------------------

    def _combine(self, step: TaskStep, rows: Rows) -> list[Tensor | None]:
        """Aggregate what several tasks reach; the rest stays as it is.

        Values go in and come out multiplied by the loss scale.
        """
        columns = list(zip(*rows.values(), strict=True))
        shared = [i for i, column in enumerate(columns) if sum(g is not None for g in column) > 1]
        combined = [next((g for g in column if g is not None), None) for column in columns]
        if not shared:
            return combined
        rows_of_shared = [[_or_zero(columns[i], task) for i in shared] for task in range(len(rows))]
        scale = step.wrapper.gradient_scale
        with torch.no_grad(), torch_seeded_for_step(self.seed, step.number):
            vectors = self._aggregate(tuple(rows), rows_of_shared, scale)
        for index, vector in zip(shared, vectors, strict=True):
            combined[index] = vector
        return combined

    def _aggregate(
        self, tasks: tuple[str, ...], rows: list[list[Tensor]], scale: float
    ) -> list[Tensor]:
        gramian = _gramian(rows)
        if self.level == "features" and is_distributed():
            all_reduce(gramian)
            gramian /= get_world_size() ** 2
        if not bool(torch.isfinite(gramian).all()):
            return _weighted(rows, torch.ones(len(rows)).tolist())  # mixed precision skips the step
        if tasks != self._tasks:
            return _weighted(rows, self._weights_without_some(tasks))
        if gives_weights(self._aggregator, of_gramian=True):
            weights = self._aggregator.gramian_weighting(gramian / scale**2).tolist()
            self._last_weights = dict(zip(tasks, weights, strict=True))
            return _weighted(rows, weights)
        precision = _precision(rows)
        matrix = torch.stack([torch.cat([g.flatten().to(precision) for g in row]) for row in rows])
        if gives_weights(self._aggregator):
            weights = self._aggregator.weighting(matrix / scale).tolist()
            self._last_weights = dict(zip(tasks, weights, strict=True))
            return _weighted(rows, weights)
        vector = self._aggregator(matrix / scale) * scale
        pieces = vector.split([g.numel() for g in rows[0]])
        return [p.view_as(g).to(g) for p, g in zip(pieces, rows[0], strict=True)]

    def _weights_without_some(self, tasks: tuple[str, ...]) -> list[float]:
        """Where some tasks have no label, the others keep their last weights."""
        return [self._last_weights.get(task, 1 / len(self._tasks)) for task in tasks]

    # Checkpoints ------------------------------------------------------------------------------

    def _build(self, tasks: tuple[str, ...]) -> None:
        self._tasks = tasks
        self._aggregator = build_aggregator(self.spec, count=len(tasks))

    def state_dict(self) -> dict[str, Any]:
        """State of the aggregator, last weights, gradients of an unfinished accumulation."""
        if self._aggregator is None:
            return {}
        return {
            "tasks": self._tasks,
            "aggregator": full_state(self._aggregator),
            "last_weights": dict(self._last_weights),
            "owners": dict(self._owners),
            "rows": self._rows,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take it back."""
        if not state:
            return
        self._build(tuple(state["tasks"]))
        # What an aggregator builds at its first call, such as a solver's problem.
        with torch.random.fork_rng(devices=[]):
            self._aggregator(torch.eye(len(self._tasks)))
        load_full_state(self._aggregator, state["aggregator"])
        self._last_weights = dict(state["last_weights"])
        self._owners = dict(state["owners"])
        self._rows = state["rows"]


def _gradients(step: TaskStep, objectives: Mapping[str, Tensor], inputs: Sequence[Tensor]) -> Rows:
    """Each task's gradient in each input, scaled as mixed precision asks."""
    rows: Rows = {}
    last = len(objectives) - 1
    for number, (task, loss) in enumerate(objectives.items()):
        gradients = torch.autograd.grad(
            step.wrapper.scaled(loss), inputs, retain_graph=number < last, allow_unused=True
        )
        rows[task] = list(gradients)
    return rows


def _added(first: list[Tensor | None], second: list[Tensor | None]) -> list[Tensor | None]:
    pairs = zip(first, second, strict=True)
    return [b if a is None else a if b is None else a + b for a, b in pairs]


def _or_zero(column: Sequence[Tensor | None], task: int) -> Tensor:
    found = column[task]
    if found is not None:
        return found
    return torch.zeros_like(next(g for g in column if g is not None))


def _only_reader(tasks: Sequence[str], column: Sequence[Tensor | None]) -> str | None:
    readers = [task for task, g in zip(tasks, column, strict=True) if g is not None]
    return readers[0] if len(readers) == 1 else None


def _precision(rows: list[list[Tensor]]) -> torch.dtype:
    return torch.promote_types(rows[0][0].dtype, torch.float32)


def _gramian(rows: list[list[Tensor]]) -> Tensor:
    """(T, T) inner products of the tasks' gradients, in float32 or better."""
    size, precision = len(rows), _precision(rows)
    gramian = rows[0][0].new_zeros((size, size), dtype=precision)
    for column in zip(*rows, strict=True):
        flat = torch.stack([g.flatten() for g in column]).to(precision)
        gramian += flat @ flat.T
    return gramian


def _weighted(rows: list[list[Tensor]], weights: Sequence[float]) -> list[Tensor]:
    return [
        sum((w * g for w, g in zip(weights[1:], column[1:], strict=True)), weights[0] * column[0])
        for column in zip(*rows, strict=True)
    ]
