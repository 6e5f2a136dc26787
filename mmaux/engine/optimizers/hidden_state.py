"""What a module remembers outside of its ``state_dict``."""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

_OWN_OF_MODULES = set(vars(nn.Module()))
_PLAIN = (
    *(Tensor, torch.dtype, torch.device, np.ndarray, np.generic),
    *(str, int, float, type(None)),
)


def full_state(module: nn.Module) -> dict[str, Any]:
    """``state_dict``, plain attributes, all buffers and the state of optimizers of a module.

    Weightings and scalarizers of torchjd keep their moving averages and previous solutions in plain
    attributes and passing buffers, which ``state_dict`` leaves out. Attributes of other kinds
    (functions, problems of a solver) are left to the module's constructor.

    Returns:
        What :func:`load_full_state` takes; it holds copies.
    """
    hidden: dict[str, dict[str, Any]] = {}
    on_cpu: set[tuple[str, str]] = set()
    optimizers: dict[str, dict[str, Any]] = {}
    for name, part in module.named_modules():
        for key, value in {**vars(part), **part._buffers}.items():  # some are not persistent
            if isinstance(value, torch.optim.Optimizer):
                optimizers.setdefault(name, {})[key] = copy.deepcopy(value.state_dict())
            elif key not in _OWN_OF_MODULES and _is_plain(value):
                hidden.setdefault(name, {})[key] = copy.deepcopy(value)
                if any(tensor.device.type == "cpu" for tensor in _tensors(value)):
                    on_cpu.add((name, key))
    return {
        "state_dict": copy.deepcopy(module.state_dict()),
        "hidden": hidden,
        "on_cpu": sorted(on_cpu),
        "optimizers": optimizers,
    }


def load_full_state(module: nn.Module, state: dict[str, Any]) -> None:
    """Put a module into the state that another of the same kind had.

    Args:
        module: It must have made the optimizers that the other one had.
        state: See :func:`full_state`.
    """
    module.load_state_dict(state["state_dict"])
    parts = dict(module.named_modules())
    on_cpu = {tuple(entry) for entry in state.get("on_cpu", ())}
    for name, values in state["hidden"].items():
        for key, value in values.items():
            own = copy.deepcopy(value)
            setattr(parts[name], key, to_cpu(own) if (name, key) in on_cpu else own)
    for name, optimizers in state["optimizers"].items():
        for key, value in optimizers.items():
            getattr(parts[name], key).load_state_dict(copy.deepcopy(value))


def to_cpu(value: Any) -> Any:
    """A value whose tensors are on the CPU, where mmengine's resume has moved all to the GPU."""
    if isinstance(value, Tensor):
        return value.cpu()
    if isinstance(value, list | tuple):
        return type(value)(map(to_cpu, value))
    if isinstance(value, dict):
        return {key: to_cpu(entry) for key, entry in value.items()}
    return value


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _tensors(entry)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(entry) for entry in value)
    if isinstance(value, dict):
        return all(_is_plain(entry) for entry in (*value.keys(), *value.values()))
    return isinstance(value, _PLAIN)
