"""Which layers to look at."""

from torch import nn
from torch.nn.modules.batchnorm import _NormBase


def shared_layers(model: nn.Module) -> tuple[str, ...]:
    """Names of the backbone's stages and of the neck.

    A stage is a part of the backbone that is trained, or a member of a list of such parts;
    normalisation between stages is none.

    Raises:
        ValueError: The model has no trained ``backbone`` or ``neck``.
    """
    names: list[str] = []
    for name, module in getattr(model, "backbone", nn.Module()).named_children():
        if isinstance(module, nn.ModuleList):
            names += [f"backbone.{name}.{n}" for n, m in module.named_children() if _is_trained(m)]
        elif _is_trained(module) and not isinstance(module, _NormBase):
            names.append(f"backbone.{name}")
    neck = getattr(model, "neck", None)
    if neck is not None and _is_trained(neck):
        names.append("neck")
    if not names:
        raise ValueError(
            f"{type(model).__name__} has no trained backbone or neck; name the shared layers: "
            "--layers NAME ..."
        )
    return tuple(names)


def _is_trained(module: nn.Module) -> bool:
    return any(p.requires_grad for p in module.parameters())
