"""Weights that the auxiliary modules of different candidates have in common."""

from mmaux.models.auxiliary import AuxiliaryModule

from .start_network import Weights


def shared_names(module: AuxiliaryModule) -> dict[str, str]:
    """The name under which each entry of a module's state dict is shared.

    Two modules share an adaptor's entries where the same cell reads the same node by the same
    adaptor in the same place, and a head's where it reads a map of the same width.

    Returns:
        By name in the state dict, a name that no entry of another meaning or shape has.
    """
    cells = {module.cell_key(n): cell for n, cell in module.architecture.live_cells()}
    result = {}
    for name, value in module.state_dict().items():
        parts = name.split(".")
        details = ["x".join(map(str, value.shape))]
        if parts[0] == "cells":
            cell, slot = cells[parts[1]], int(parts[3])
            details += [cell.inputs[slot], cell.adaptors[slot]]
        result[name] = " ".join([name, *details])
    return result


def load_shared(module: AuxiliaryModule, shared: Weights) -> None:
    """Put shared weights where a module has their place; the rest of it stays as it is."""
    found = {
        name: shared[common] for name, common in shared_names(module).items() if common in shared
    }
    module.load_state_dict(found, strict=False)


def keep_shared(module: AuxiliaryModule, shared: Weights) -> None:
    """Put a module's weights among the shared ones."""
    state = module.state_dict()
    shared.update({common: state[name].cpu() for name, common in shared_names(module).items()})
