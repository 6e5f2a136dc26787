"""How large a config's network is, beside what its paper says."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.fileio import load
from mmengine.registry import init_default_scope

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import MODELS

from .complexity import Complexity, inference_complexity, training_complexity

_METAFILE = "metafile.yml"
_PAPER = "Parameters (paper)"


@dataclass(frozen=True)
class NetworkSize:
    """Size of a network.

    Attributes:
        name: Name of the config.
        inference: The network that predicts; an auxiliary module does not count.
        training: The network that trains.
        paper_parameters: Parameters at inference by the paper; None where it gives none.
    """

    name: str
    inference: Complexity
    training: Complexity
    paper_parameters: int | None

    @property
    def deviation(self) -> float | None:
        """Parameters at inference relative to the paper's, minus 1."""
        if self.paper_parameters is None:
            return None
        return self.inference.parameters / self.paper_parameters - 1

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def measure_network(config: Config, *, size: tuple[int, int] | None = None) -> NetworkSize:
    """Build a config's network, without its pretrained weights, and measure it.

    Args:
        config: A config of a :class:`mmaux.models.MultiTaskEncoderDecoder`, read from a file.
        size: Height and width of the image; by default those to which the config's data
            preprocessor brings training images.

    Returns:
        Its size, with the paper's value where the ``metafile.yml`` beside the config has one.

    Raises:
        ValueError: The config has no multi-task network, or neither it nor ``size`` says how
            large an image is.
    """
    name = config.filename or "config"
    if config.get("model") is None:
        raise ValueError(f"{name}: no `model`; give the config of a network.")
    init_default_scope(config.get("default_scope", "mmaux"))
    model = MODELS.build(config.model)
    if not isinstance(model, MultiTaskEncoderDecoder):
        raise ValueError(
            f"{name}: model is a {type(model).__name__}; measured are networks of type "
            "mmaux.MultiTaskEncoderDecoder."
        )
    if size is None:
        size = config.model.get("data_preprocessor", {}).get("size")
    if size is None:
        raise ValueError(
            f"{name}: model.data_preprocessor.size is not set; say how large an image is "
            "(--size HEIGHT WIDTH)."
        )
    image = torch.zeros(1, 3, *size)
    return NetworkSize(
        name=Path(name).stem,
        inference=inference_complexity(model, image),
        training=training_complexity(model, image),
        paper_parameters=None if config.filename is None else paper_parameters(config.filename),
    )


def paper_parameters(config: str | Path) -> int | None:
    """Parameters at inference that the ``metafile.yml`` beside a config quotes from the paper.

    Args:
        config: Path of the config.

    Returns:
        The number, or None where there is no such file, entry or number.
    """
    metafile = Path(config).parent / _METAFILE
    if not metafile.is_file():
        return None
    for entry in load(metafile)["Models"]:
        if Path(entry["Config"]).name == Path(config).name:
            return entry.get("Metadata", {}).get(_PAPER)
    return None
