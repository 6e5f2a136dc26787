"""One step of training, as the train loop takes it."""

from typing import Any

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from mmaux.engine.optimizers import MultiTaskOptimWrapper
from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import MODELS

from .input_size import training_size
from .process_memory import peak_resident_bytes, resident_bytes
from .synthetic_batch import synthetic_batch


def build_network(config: Config, device: str = "cpu") -> MultiTaskEncoderDecoder:
    """The config's network with PyTorch's own initial weights, which need no download.

    Raises:
        ValueError: The model is of another kind.
    """
    init_default_scope(config.get("default_scope", "mmaux"))
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    if not isinstance(model, MultiTaskEncoderDecoder):
        raise ValueError(
            f"{config.filename or 'config'}: model is a {type(model).__name__}, expected a "
            "mmaux.MultiTaskEncoderDecoder."
        )
    return model.to(device)


class TrainingStep:
    """Preprocessing, forward, backward and optimizer on one synthetic batch; call it to step.

    Args:
        config: A training config: its model, optimizer and size.
        batch_size: Images a step.
        device: ``cpu`` or ``cuda``; the batch starts on the CPU, as from a loader.
    """

    def __init__(self, config: Config, *, batch_size: int, device: str = "cpu") -> None:
        self.name = config.filename or "config"
        self.model = build_network(config, device).train()
        self.optim_wrapper = build_optim_wrapper(self.model, config.optim_wrapper)
        self.batch = synthetic_batch(self.model, batch_size=batch_size, size=training_size(config))
        self.log: dict[str, Tensor] = {}

    def __call__(self) -> None:
        """Train on the batch once; its losses are then in ``log``."""
        if isinstance(self.optim_wrapper, MultiTaskOptimWrapper):
            self.log = self.optim_wrapper.train_step(self.model, self.batch)
        else:
            self.log = self.model.train_step(self.batch, self.optim_wrapper)

    def check_losses(self) -> None:
        """Numbers that are not finite cost another time than those of training.

        Raises:
            ValueError: The last step's loss is NaN or infinite.
        """
        loss = float(self.log["loss"].detach())
        if not torch.isfinite(torch.tensor(loss)):
            raise ValueError(
                f"{self.name}: the loss is {loss} after training on noise; lower the learning "
                "rate (--cfg-options optim_wrapper.optimizer.lr=...), the time would not be that "
                "of training."
            )


def peak_step_bytes(
    content: dict[str, Any],
    batch_size: int,
    device: str = "cpu",
    steps: int = 3,
    kind: type[TrainingStep] = TrainingStep,
) -> int:
    """Peak memory of building a network and its optimizer and of some steps.

    On a GPU: the largest sum of tensors that PyTorch's allocator held. On the CPU: by how much the
    process's peak resident memory exceeds what it held before the network was built, with all
    packages imported; call it in a fresh process then
    (:func:`mmaux.benchmarking.fresh_process.run_in_fresh_process`).

    Args:
        content: A training config as a dict.
        batch_size: Images a step.
        device: ``cpu`` or ``cuda``.
        steps: The second is the first with the optimizer's state in memory.
        kind: How a step is taken.
    """
    config = Config(content)
    # The first optimizer imports torch._dynamo, and multi-task methods import their solvers.
    build_optim_wrapper(nn.Linear(1, 1), config.optim_wrapper)
    before = resident_bytes()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    step = kind(config, batch_size=batch_size, device=device)
    for _ in range(steps):
        step()
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    return peak_resident_bytes() - before
