"""A small model of float64 with named losses, and steps of it under a method."""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.model import BaseDataPreprocessor, BaseModel
from torch import Tensor, nn

from mmaux.engine.optimizers import MultiTaskOptimWrapper

TASKS = ("semseg", "depth", "normal")


class ToyModel(BaseModel):
    """A shared encoder, a head a task, and an auxiliary cell of two tasks at an earlier map.

    ``cell`` is read by the auxiliary losses of ``depth`` and ``normal`` only.
    """

    def __init__(self, tasks=TASKS, *, seed=0):
        super().__init__(BaseDataPreprocessor())
        generator = torch.Generator().manual_seed(seed)
        self.tasks = tasks
        self.training_tasks = None
        self.shared_maps_hook = None
        self.forwards = []
        self.first = nn.Linear(4, 5).double()
        self.second = nn.Linear(5, 6).double()
        self.cell = nn.Linear(5, 3).double()
        self.heads = nn.ModuleDict({task: nn.Linear(6, 2) for task in tasks}).double()
        for parameter in self.parameters():
            parameter.data = torch.randn(parameter.shape, generator=generator).double()

    def forward(self, inputs, mode="loss", **kwargs):
        asked = self.tasks if self.training_tasks is None else self.training_tasks
        self.forwards.append(tuple(asked))
        x, labelled = inputs["x"], inputs.get("labelled", self.tasks)
        early = torch.tanh(self.first(x))
        shared = {"backbone": (early, torch.tanh(self.second(early)))}
        if self.shared_maps_hook is not None:
            shared = self.shared_maps_hook(shared)
        early, late = shared["backbone"]
        losses = {}
        for number, task in enumerate(self.tasks):
            if task not in asked:
                continue
            present = float(task in labelled)
            target = torch.full((2,), float(number), dtype=x.dtype)
            out = self.heads[task](late)
            losses[f"{task}.loss_main"] = present * 10.0**number * (out - target).square().mean()
            losses[f"{task}.acc"] = out.detach().mean()
            if task != "semseg":
                auxiliary = torch.sin(self.cell(early) * (number + 1)).square().mean()
                losses[f"{task}.aux.loss_cell"] = present * auxiliary
        return losses


def batch(seed=0, *, size=8, labelled=TASKS):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(size, 4, generator=generator).double()
    return {"inputs": {"x": x, "labelled": labelled}}


def objectives(model: ToyModel, data: Mapping[str, Any]) -> dict[str, Tensor]:
    """By hand: main and auxiliary losses of each task."""
    losses = model(**data)
    return {
        task: sum(v for k, v in losses.items() if k.startswith(f"{task}.") and "loss" in k)
        for task in model.tasks
    }


def wrapper_of(model, method=None, *, optimizer=None, kind=MultiTaskOptimWrapper, **kwargs):
    optimizer = optimizer or torch.optim.SGD(model.parameters(), lr=0.1)
    return kind(optimizer=optimizer, method=method, **kwargs)


def gradients_of_step(method, *, tasks=TASKS, data=None, **kwargs):
    """Gradients that a step of SGD with rate 1 applied, by the parameter's name."""
    model = ToyModel(tasks)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    wrapper = wrapper_of(model, method, optimizer=optimizer, **kwargs)
    wrapper.train_step(model, batch() if data is None else data)
    return {name: before[name] - p.detach() for name, p in model.named_parameters()}


def reference_rows(*, tasks=TASKS, data=None):
    """By task, the gradient of its objective in every parameter; None where it has none."""
    model = ToyModel(tasks)
    names = [name for name, _ in model.named_parameters()]
    losses = objectives(model, batch() if data is None else data)
    return {
        task: dict(
            zip(
                names,
                torch.autograd.grad(
                    loss, list(model.parameters()), retain_graph=True, allow_unused=True
                ),
                strict=True,
            )
        )
        for task, loss in losses.items()
    }
