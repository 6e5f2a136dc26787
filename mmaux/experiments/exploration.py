"""How far apart the encoders of different runs are."""

import math
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import torch
from torch import Tensor

from mmaux.utils.main_network import weights_of

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def relative_distances(checkpoints: Sequence[Path], *, part: str = "backbone") -> list[float]:
    r"""Distance of each two checkpoints' parameters, over the root of their mean squared norm.

    .. math:: \|a - b\| / \sqrt{(\|a\|^2 + \|b\|^2) / 2}

    0 for the same parameters, 1.41 for orthogonal ones. Statistics of batch norms do not count.

    Args:
        checkpoints: Files of networks with the same part.
        part: Module whose parameters are compared.

    Raises:
        ValueError: A checkpoint has no such part, or parts differ in their parameters.
    """
    if len(checkpoints) < 2:
        return []
    found = [_parameters(path, part) for path in checkpoints]
    for path, parameters in zip(checkpoints, found, strict=True):
        if not parameters or parameters.keys() != found[0].keys():
            raise ValueError(f"'{path}': its {part} has other parameters than '{checkpoints[0]}'.")
    return [_distance(a, b) for a, b in combinations(found, 2)]


def _parameters(path: Path, part: str) -> dict[str, Tensor]:
    loaded = torch.load(path, map_location="cpu", weights_only=True)
    return {
        name: value.double()
        for name, value in weights_of(loaded, str(path)).items()
        if name.startswith(f"{part}.") and not name.endswith(_STATISTICS)
    }


def _distance(a: dict[str, Tensor], b: dict[str, Tensor]) -> float:
    apart = sum(float((a[name] - b[name]).square().sum()) for name in a)
    sizes = sum(float(values[name].square().sum()) for values in (a, b) for name in a)
    return math.sqrt(2 * apart / sizes)
