"""A training step that drives torchjd by hand, as its documentation shows it."""

from typing import Any, ClassVar

import torch
from mmengine.config import Config
from torch import Tensor

from mmaux.engine.optimizers import Aggregation, MultiTaskOptimWrapper
from mmaux.engine.optimizers.torchjd_modules import build_aggregator
from mmaux.models.task_weighting import sum_by_task
from mmaux.utils.dependencies import require

from .training_step import TrainingStep


class TorchjdStep(TrainingStep):
    """``torchjd.autojac.mtl_backward`` and ``jac_to_grad`` in place of our method.

    It does what ``mmaux.Aggregation`` with ``level='parameters'`` does: the Jacobian of the tasks'
    losses in the encoder's parameters, aggregated, and each head's own gradient. The features are
    all the shared maps that heads and auxiliary module read. These lie on one chain, each computed
    from the one before: a task's gradient in an early one contains the way through the later ones,
    which ``mtl_backward`` would go twice. So the readers get views of the maps, the encoder goes on
    with the maps themselves, and the views are the features.

    Args:
        config: A training config with ``mmaux.Aggregation``, whose aggregator is taken.
        batch_size: Images a step.
        device: ``cpu`` or ``cuda``.

    Raises:
        TypeError: The config's method is another.
    """

    parallel_chunk_size: ClassVar[int | None] = None
    """Rows of the Jacobian at a time; None, torchjd's default: all, under ``torch.vmap``."""

    def __init__(self, config: Config, *, batch_size: int, device: str = "cpu") -> None:
        super().__init__(config, batch_size=batch_size, device=device)
        wrapper = self.optim_wrapper
        if not isinstance(wrapper, MultiTaskOptimWrapper) or not isinstance(
            wrapper.method, Aggregation
        ):
            raise TypeError(
                f"{self.name}: optim_wrapper.method has to be a mmaux.Aggregation, whose "
                "aggregator torchjd is driven with."
            )
        purpose = "the comparison with torchjd"
        package = "mmaux[optimization]"
        self._autojac: Any = require("torchjd.autojac", package=package, purpose=purpose)
        self._aggregator = build_aggregator(wrapper.method.spec, count=len(self.model.heads))
        self._features: list[Tensor] = []
        self.model.shared_maps_hook = self._read_views

    def __call__(self) -> None:
        """Train on the batch once."""
        data = self.model.data_preprocessor(self.batch, True)
        objectives = sum_by_task(self.model(**data, mode="loss"))
        self._autojac.mtl_backward(
            list(objectives.values()),
            features=self._features,
            parallel_chunk_size=self.parallel_chunk_size,
        )
        shared = [p for p in self.model.parameters() if getattr(p, "jac", None) is not None]
        self._autojac.jac_to_grad(shared, self._aggregator)
        self.optim_wrapper.optimizer.step()
        self.optim_wrapper.optimizer.zero_grad()
        self.log = {"loss": torch.stack(list(objectives.values())).sum().detach()}

    def _read_views(self, shared: dict[str, tuple[Tensor, ...]]) -> dict[str, tuple[Tensor, ...]]:
        views = {source: tuple(m.view_as(m) for m in maps) for source, maps in shared.items()}
        self._features = [view for maps in views.values() for view in maps]
        return views


class SequentialTorchjdStep(TorchjdStep):
    """One row of the Jacobian at a time, as torchjd advises where ``torch.vmap`` fails."""

    parallel_chunk_size = 1
