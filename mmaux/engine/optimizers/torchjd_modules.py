"""Scalarizers and aggregators of torchjd, from a config."""

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any

import torch
from torch import nn

Spec = str | Mapping[str, Any]
_COUNTS = ("shape", "n_tasks")


def build_scalarizer(spec: Spec, *, count: int) -> nn.Module:
    """A scalarizer of ``torchjd.scalarization`` for a number of tasks.

    Args:
        spec: Its name, such as ``'GeometricMean'``, or ``dict(type='STCH', mu=0.1)``. Lists become
            tensors; the number of tasks is filled in where it is asked for.
        count: Number of tasks.

    Raises:
        ImportError: torchjd is not installed.
        ValueError: There is no such scalarizer, or it does not take these arguments.
    """
    torchjd = _torchjd()
    return _build(torchjd.scalarization, torchjd.scalarization.Scalarizer, spec, count)


def build_aggregator(spec: Spec, *, count: int) -> nn.Module:
    """An aggregator of ``torchjd.aggregation``; see :func:`build_scalarizer`.

    Raises:
        ImportError: torchjd, or what the aggregator needs beside it, is not installed.
        ValueError: There is no such aggregator, or it does not take these arguments.
    """
    torchjd = _torchjd()
    return _build(torchjd.aggregation, torchjd.aggregation.Aggregator, spec, count)


def gives_weights(aggregator: nn.Module, *, of_gramian: bool = False) -> bool:
    """Whether an aggregator weighs the rows, and, ``of_gramian``, needs their Gramian only."""
    module = _torchjd().aggregation
    kind = module.GramianWeightedAggregator if of_gramian else module.WeightedAggregator
    return isinstance(aggregator, kind)


def _torchjd() -> ModuleType:
    try:
        import torchjd.aggregation
        import torchjd.scalarization
    except ImportError as error:
        raise ImportError(
            "scalarizers and aggregators come from torchjd, which is not installed: "
            "pip install 'mmaux[optimization]'."
        ) from error
    return torchjd


def _build(module: ModuleType, kind: type, spec: Spec, count: int) -> nn.Module:
    options: dict[str, Any] = {"type": spec} if isinstance(spec, str) else dict(spec)
    options.pop("_scope_", None)
    name = options.pop("type", None)
    known: dict[str, Any] = {
        key: value
        for key, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, kind) and not inspect.isabstract(value)
    }
    if name not in known:
        folded = {key.casefold(): key for key in known}
        near = get_close_matches(str(name).casefold(), folded, n=1)
        hint = f" Did you mean {folded[near[0]]!r}?" if near else ""
        raise ValueError(f"torchjd has no {name!r} here; it has {', '.join(known)}.{hint}")
    parameters = inspect.signature(known[name].__init__).parameters
    for key in _COUNTS:
        if key in parameters:
            options.setdefault(key, count)
    tensors = {
        key: torch.tensor(value, dtype=torch.float32) if isinstance(value, list | tuple) else value
        for key, value in options.items()
    }
    try:
        built: nn.Module = known[name](**tensors)
    except TypeError as error:
        accepted = ", ".join(parameter for parameter in parameters if parameter != "self")
        raise ValueError(f"{name}: {error}; it takes {accepted or 'no arguments'}.") from error
    return built
