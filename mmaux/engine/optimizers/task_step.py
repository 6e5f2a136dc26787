"""One iteration as a method sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from mmengine.dist import all_reduce
from mmengine.model import is_model_wrapper
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from .task_losses import parse_task_losses

if TYPE_CHECKING:
    from .multi_task_optim_wrapper import MultiTaskOptimWrapper


class Cut(NamedTuple):
    """A shared feature map where the graph is cut.

    Attributes:
        feature: The map, with the encoder's graph behind it.
        leaf: Its copy without a graph, which heads and auxiliary modules have read.
    """

    feature: Tensor
    leaf: Tensor


class TaskStep:
    """A batch, and everything that may be done with it.

    Args:
        wrapper: The optimizer wrapper.
        model: The model, wrapped for distributed training or not.
        data: What the data loader gave.
        number: Iterations before this one.
    """

    def __init__(
        self, wrapper: MultiTaskOptimWrapper, model: nn.Module, data: Any, *, number: int
    ) -> None:
        self.wrapper = wrapper
        self.model: Any = model
        unwrapped: Any = model.module if is_model_wrapper(model) else model
        self.network = unwrapped
        self.number = number
        self.logged: dict[str, Tensor] = {}
        self.cuts: list[Cut] = []
        self._data = self.network.data_preprocessor(data, True)

    @property
    def is_last_of_accumulation(self) -> bool:
        """Whether the parameters are updated with this batch."""
        return self.wrapper.should_sync()

    def forward(
        self, tasks: Sequence[str] | None = None, *, cut: bool = False
    ) -> dict[str, Tensor]:
        """The tasks' objectives, by a forward pass of its own.

        Args:
            tasks: Tasks that are asked for; a model that cannot leave others out computes them.
            cut: Cut the graph at all shared maps; :attr:`cuts` has them afterwards.

        Returns:
            A scalar by task, in the model's order.

        Raises:
            TypeError: ``cut`` is asked of a model that has no ``shared_maps_hook``.
        """
        self.cuts = []
        with self._only(tasks), self._cutting(cut), self.wrapper.autocast():
            losses = self.model._run_forward(self._data, mode="loss")
        objectives, logged = parse_task_losses(losses)
        for name, value in logged.items():
            self.logged.setdefault(name, value)
        return objectives

    def values(self, objectives: Mapping[str, Tensor]) -> Tensor:
        """The objectives' values (T,) on the CPU, their means over all processes."""
        values = torch.stack([loss.detach() for loss in objectives.values()])
        values = values.to(torch.promote_types(values.dtype, torch.float32))
        all_reduce(values, op="mean")
        return values.cpu()

    def values_afterwards(self) -> dict[str, Tensor]:
        """The objectives after the update; batch norms do not count this pass."""
        logged = dict(self.logged)
        with torch.no_grad(), _kept_statistics(self.network):
            objectives = self.forward()
        self.logged = logged
        return objectives

    def backward(self, objective: Tensor) -> None:
        """Add an objective's gradients to those of the parameters."""
        self.wrapper.scaled(objective).backward()

    def log(self, name: str, value: float | Tensor) -> None:
        """Log a value with the losses."""
        self.logged[name] = torch.as_tensor(value)

    @contextmanager
    def _only(self, tasks: Sequence[str] | None) -> Iterator[None]:
        if tasks is None or not hasattr(self.network, "training_tasks"):
            yield
            return
        before, self.network.training_tasks = self.network.training_tasks, tuple(tasks)
        try:
            yield
        finally:
            self.network.training_tasks = before

    @contextmanager
    def _cutting(self, cut: bool) -> Iterator[None]:
        if not cut:
            yield
            return
        if not hasattr(self.network, "shared_maps_hook"):
            raise TypeError(
                f"level='features' cuts the graph at the shared maps, which "
                f"{type(self.network).__name__} does not hand out (it has no shared_maps_hook); "
                "use level='parameters', or a mmaux.MultiTaskEncoderDecoder."
            )
        self.network.shared_maps_hook = self._cut_maps
        try:
            yield
        finally:
            self.network.shared_maps_hook = None

    def _cut_maps(self, shared: dict[str, tuple[Tensor, ...]]) -> dict[str, tuple[Tensor, ...]]:
        result = {}
        for source, maps in shared.items():
            cuts = [Cut(m, m.detach().requires_grad_()) for m in maps]
            self.cuts += [entry for entry in cuts if entry.feature.requires_grad]
            result[source] = tuple(entry.leaf for entry in cuts)
        return result


@contextmanager
def _kept_statistics(model: nn.Module) -> Iterator[None]:
    """A forward pass in training mode that leaves running statistics as they are."""
    norms = [module for module in model.modules() if isinstance(module, _NormBase)]
    buffers = [{name: b.clone() for name, b in norm.named_buffers()} for norm in norms]
    try:
        yield
    finally:
        for norm, kept in zip(norms, buffers, strict=True):
            for name, buffer in norm.named_buffers():
                buffer.copy_(kept[name])


def without_synchronization(model: nn.Module) -> Any:
    """Context in which distributed wrappers leave gradients to us."""
    context: Callable[[], Any] = getattr(model, "no_sync", nullcontext)
    return context()
