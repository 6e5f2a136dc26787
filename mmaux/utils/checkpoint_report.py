"""What of a checkpoint fits a model, grouped by module; an all-miss is an error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

Shape = tuple[int, ...]

TOP_LEVEL = "(top level)"
"""The group of parameters that belong to the model itself and not to a part of it."""


@dataclass(frozen=True)
class KeyReport:
    """One key with its shape on both sides; None where that side lacks it."""

    key: str
    model: Shape | None
    checkpoint: Shape | None

    def __str__(self) -> str:
        here, there = (
            "absent" if shape is None else f"{shape}" for shape in (self.model, self.checkpoint)
        )
        return f"{self.key}: model {here}, checkpoint {there}"


@dataclass(frozen=True)
class CheckpointReport:
    """How the keys of a state dict meet those of a model.

    ``num_batches_tracked`` of batch norms is left out: old checkpoints lack it and nothing depends
    on it.

    Args:
        keys: Every key of either side, the model's first.
    """

    keys: tuple[KeyReport, ...]

    @property
    def matched(self) -> tuple[KeyReport, ...]:
        """Keys on both sides with one shape."""
        return tuple(k for k in self.keys if k.model is not None and k.model == k.checkpoint)

    @property
    def missing(self) -> tuple[KeyReport, ...]:
        """Keys of the model that the checkpoint lacks."""
        return tuple(k for k in self.keys if k.checkpoint is None)

    @property
    def unexpected(self) -> tuple[KeyReport, ...]:
        """Keys of the checkpoint that the model lacks."""
        return tuple(k for k in self.keys if k.model is None)

    @property
    def mismatched(self) -> tuple[KeyReport, ...]:
        """Keys on both sides with two shapes."""
        return tuple(
            k for k in self.keys if None not in (k.model, k.checkpoint) and k.model != k.checkpoint
        )

    @property
    def complete(self) -> bool:
        """Whether every key of the model is matched; unexpected ones do not count."""
        return not self.missing and not self.mismatched

    def groups(self) -> dict[str, CheckpointReport]:
        """One report for each module: the first name of a key, or the first two below ``heads``."""
        grouped: dict[str, list[KeyReport]] = {}
        for key in self.keys:
            grouped.setdefault(module_of(key.key), []).append(key)
        return {name: CheckpointReport(tuple(keys)) for name, keys in grouped.items()}

    def summary(self) -> str:
        """One line for each module: how many of its keys are loaded, and why not the others."""
        lines = []
        groups = self.groups()
        width = max(map(len, groups), default=0)
        for name, group in groups.items():
            wanted = len(group.keys) - len(group.unexpected)
            parts = [
                f"{len(part)} {word}"
                for part, word in (
                    (group.missing, "missing"),
                    (group.mismatched, "of another shape"),
                    (group.unexpected, "in the checkpoint only"),
                )
                if part
            ]
            loaded = f"{len(group.matched)} of {wanted} loaded" if wanted else "not in the model"
            lines.append(f"{name:<{width}}  {loaded}" + (f" ({', '.join(parts)})" * bool(parts)))
        return "\n".join(lines)

    def to_json(self) -> str:
        """As a JSON text, for ``from_json``."""
        return json.dumps({"keys": [[k.key, k.model, k.checkpoint] for k in self.keys]})

    @classmethod
    def from_json(cls, text: str) -> CheckpointReport:
        """Read what ``to_json`` wrote.

        Raises:
            ValueError: The text is something else.
        """
        try:
            rows = json.loads(text)["keys"]
            return cls(tuple(KeyReport(k, _as_shape(a), _as_shape(b)) for k, a, b in rows))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not the JSON text of a CheckpointReport: {error!r}") from error


def module_of(key: str) -> str:
    """The module that a key is reported under: ``heads.depth`` or the first name of the key."""
    names = key.split(".")[:-1]
    return ".".join(names[: 2 if names[0] == "heads" else 1]) if names else TOP_LEVEL


def compare_state_dict(model: nn.Module, state_dict: Mapping[str, Any]) -> CheckpointReport:
    """Compare the keys and shapes of a state dict with those of a model; loads nothing.

    A leading ``module.`` on every key, which wrappers such as DDP add, does not count.
    """
    model_shapes = _shapes(_without_wrapper(model.state_dict()))
    checkpoint_shapes = _shapes(_without_wrapper(state_dict))
    return CheckpointReport(
        tuple(
            KeyReport(key, model_shapes.get(key), checkpoint_shapes.get(key))
            for key in dict.fromkeys([*model_shapes, *checkpoint_shapes])
        )
    )


def check_report(
    report: CheckpointReport, *, require: Iterable[str] = (), source: str | None = None
) -> None:
    """Stop where a checkpoint is not one for this model.

    Args:
        report: What ``compare_state_dict`` found.
        require: Modules that must be loaded completely, such as ``'backbone'``.
        source: The checkpoint's file, for the message.

    Raises:
        ValueError: Nothing fits; or the checkpoint has keys of a module of that name and none of
            them fits (another architecture); or a required module is incomplete.
    """
    name = f"checkpoint '{source}'" if source else "the checkpoint"
    groups = report.groups()
    wanted = len(report.keys) - len(report.unexpected)
    if wanted and not report.matched:
        found = len(report.keys) - len(report.missing)
        raise ValueError(
            f"nothing of {name} fits: 0 of the model's {wanted} keys are among its {found}.\n"
            f"{_examples(report)}\n{_advice(report)}"
        )
    for module, group in groups.items():
        held = group.mismatched + group.unexpected
        if held and not group.matched and len(group.unexpected) < len(group.keys):
            raise ValueError(
                f"{name} holds a `{module}` of another architecture: {len(held)} keys, none of "
                f"which fits the {len(group.keys) - len(group.unexpected)} of this model.\n"
                f"{_examples(group)}\n"
                f"Use the config that the checkpoint was trained with, or remove the keys of "
                f"`{module}` from the checkpoint to train it from its initialisation."
            )
    for module in require:
        part = CheckpointReport(
            tuple(k for k in report.keys if f"{k.key}.".startswith(f"{module}."))
        )
        if not part.complete or not part.matched:
            modules = ", ".join(n for n, g in groups.items() if len(g.unexpected) < len(g.keys))
            raise ValueError(
                f"{name} does not fill `{module}`, which is required: {len(part.matched)} of "
                f"{len(part.keys) - len(part.unexpected)} keys fit.\n{_examples(part)}\n"
                f"The model has: {modules}"
            )


def _without_wrapper(state_dict: Mapping[str, Any]) -> Mapping[str, Any]:
    if state_dict and all(key.startswith("module.") for key in state_dict):
        return {key[len("module.") :]: value for key, value in state_dict.items()}
    return state_dict


def _shapes(state_dict: Mapping[str, Any]) -> dict[str, Shape]:
    return {
        key: tuple(getattr(value, "shape", ()))
        for key, value in state_dict.items()
        if not key.endswith("num_batches_tracked")
    }


def _as_shape(value: Any) -> Shape | None:
    return None if value is None else tuple(int(size) for size in value)


def _examples(report: CheckpointReport) -> str:
    def take() -> Iterator[KeyReport]:
        yield from report.mismatched[:3]
        for pair in zip(report.missing[:3], report.unexpected[:3], strict=False):
            yield from pair
        yield from report.missing[:3] or report.unexpected[:3]

    shown = list(dict.fromkeys(take()))[:3]
    return "\n".join(f"  {key}" for key in shown)


def _advice(report: CheckpointReport) -> str:
    model = {key.key for key in report.missing}
    checkpoint = {key.key for key in report.unexpected}
    for name in dict.fromkeys(key.partition(".")[0] + "." for key in checkpoint):
        if any(key.startswith(name) and key[len(name) :] in model for key in checkpoint):
            return f"Its keys below `{name}` would fit: give prefix='{name}' beside checkpoint=."
    for name in dict.fromkeys(key.partition(".")[0] for key in model):
        if any(f"{name}.{key}" in model for key in checkpoint):
            return (
                f"Its keys are those of `{name}` alone: give it as "
                f"{name}=dict(init_cfg=dict(type='Pretrained', checkpoint=...)), not as load_from."
            )
    return "It is of another architecture: use the config that it was trained with."
