"""A step of training with torchjd by hand, as its documentation shows it."""

from typing import Any

import torch
from mmengine.config import Config

from mmaux.engine.optimizers.reached_parameters import reached_parameters
from mmaux.engine.optimizers.task_losses import parse_task_losses
from mmaux.engine.optimizers.torchjd_modules import build_aggregator

from .training_step import TrainingStep


class TorchjdStep(TrainingStep):
    """:class:`TrainingStep` whose shared gradients come from ``torchjd.autojac.backward``.

    Parameters that one task alone reaches get their gradients from ``torch.autograd``. The rows of
    the Jacobian are computed one after another (``parallel_chunk_size=1``); torchjd's default,
    ``vmap`` over all of them, does not run through every operation.

    Args:
        config: A training config; its optimizer is used, its method is not.
        aggregator: Name, or config, of an aggregator.
        batch_size: Images a step.
        device: ``cpu`` or ``cuda``.
    """

    def __init__(
        self, config: Config, *, aggregator: Any, batch_size: int, device: str = "cpu"
    ) -> None:
        super().__init__(config, batch_size=batch_size, device=device)
        self.aggregator: Any = build_aggregator(aggregator, count=len(self.model.heads))

    def __call__(self) -> None:
        """Train on the batch once."""
        from torchjd.autojac import backward, jac_to_grad

        data = self.model.data_preprocessor(self.batch, True)
        objectives, logged = parse_task_losses(self.model(**data, mode="loss"))
        reached = [reached_parameters(loss) for loss in objectives.values()]
        parameters = list(dict.fromkeys(p for part in reached for p in part))
        shared = [p for p in parameters if sum(p in part for part in reached) > 1]
        private = [p for p in parameters if sum(p in part for part in reached) == 1]
        losses = list(objectives.values())
        backward(losses, inputs=shared, retain_graph=True, parallel_chunk_size=1)
        jac_to_grad(shared, self.aggregator)
        torch.autograd.backward(losses, inputs=private)
        self.optim_wrapper.step()
        self.optim_wrapper.zero_grad()
        self.log = {"loss": torch.stack(losses).sum().detach(), **logged}
