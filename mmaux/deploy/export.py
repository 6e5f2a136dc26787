"""From a config and a checkpoint to one file that runs without mmaux's training code."""

import copy
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import MODELS
from mmaux.utils.class_names import find_class_names
from mmaux.utils.files import OutputPathError, atomic_write, ensure_writable_dir
from mmaux.utils.main_network import load_main_network, read_checkpoint, weights_of

from .agreement import Agreement, verify_export
from .deployed_network import DeployedNetwork
from .export_metadata import ExportMetadata
from .exported_network import load_exported
from .formats import build_format
from .fuse import fuse_network
from .image_preparation import ImagePreparation
from .image_resize import ImageResize
from .verification_images import VerificationImages, read_verification_images

_TRAINING_ONLY = tuple(f"{name}." for name in MultiTaskEncoderDecoder.training_only)
_DEFAULT_SIZE = (240, 320)
_TRACED_SIZE = (96, 128)


@dataclass(frozen=True)
class ExportReport:
    """What was written and how it was verified.

    Attributes:
        file: The file.
        file_format: Its format.
        num_bytes: Its size.
        had_training_parts: Whether an auxiliary module or a task weighting was left out.
        fused: Batch norms that were folded into convolutions.
        metadata: What the file says about itself.
        images: Where the images of the comparison come from, in words.
        agreements: Largest deviations from PyTorch by task.
    """

    file: str
    file_format: str
    num_bytes: int
    had_training_parts: bool
    fused: int
    metadata: ExportMetadata
    images: str
    agreements: tuple[Agreement, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def export_network(
    config: Config,
    checkpoint: str | Path,
    *,
    out: str | Path,
    file_format: str,
    size: tuple[int, int] | None = None,
    dynamic: bool = False,
    complete: bool = False,
    fuse: bool = False,
    opset: int | None = None,
    images: Sequence[str | Path] = (),
    num_images: int = 4,
) -> ExportReport:
    """Export the network that predicts, and compare what the file predicts with PyTorch.

    Args:
        config: The config that the checkpoint was trained with.
        checkpoint: A Runner's checkpoint, a stripped one, or a bare state dict.
        out: The file; it appears only if the comparison succeeds.
        file_format: ``onnx``, ``torchscript`` or ``pt2``.
        size: Height and width of the images in pixels; by default those of the first image that
            predictions are compared on.
        dynamic: Let images have any size.
        complete: Include preprocessing and postprocessing; see :class:`DeployedNetwork`.
        fuse: Fold batch norms into convolutions.
        opset: Of ONNX.
        images: Images to compare predictions on; by default the first of the test data set, or
            random textures where there is none.
        num_images: How many of the test data set.

    Returns:
        What was written and compared.

    Raises:
        ValueError: The arguments contradict each other, or config and checkpoint do.
        ImportError: A package that the format needs is missing.
        OutputPathError: The file cannot be written.
        ExportError: PyTorch cannot express the network in this format.
        ExportDisagreesError: The file predicts something else.
    """
    if dynamic and size is not None:
        raise ValueError(f"size is {size} and dynamic is set; give one of the two.")
    if size is not None and min(size) < 1:
        raise ValueError(f"size is {size}; expected a positive height and width in pixels.")
    writer = build_format(file_format, opset=opset)
    target = Path(out).expanduser()
    ensure_writable_dir(target.parent)
    if target.is_dir():
        raise OutputPathError(f"'{target}' is a folder; give the name of a file.")

    init_default_scope(config.get("default_scope", "mmaux"))
    network, classes, had_training_parts = _load(config, str(checkpoint))
    deployed = copy.deepcopy(network)
    deployed.remove_auxiliary()
    fused = 0
    if fuse:
        deployed, fused = fuse_network(deployed)

    found = _images(
        config,
        images,
        size=size,
        dynamic=dynamic,
        num_images=num_images,
        blank_size=network.data_preprocessor.size or _DEFAULT_SIZE,
    )
    image_size = _TRACED_SIZE if dynamic else found.arrays[0].shape[:2]
    preparation = ImagePreparation.of(network.data_preprocessor)
    example = torch.from_numpy(np.stack([found.resized(image_size).arrays[0]] * 2))
    if not complete:
        example = preparation.pad(preparation.normalise(example))
    axes = example.shape[1:3] if complete else example.shape[-2:]
    metadata = ExportMetadata.of(
        network,
        classes=classes,
        complete=complete,
        size=None if dynamic else (axes[0], axes[1]),
        resize=ImageResize.of(config),
    )
    module = DeployedNetwork(deployed, preparation if complete else None).eval()
    content = writer.serialise(module, example, metadata)

    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "trial"
        trial.write_bytes(content)
        agreements = verify_export(load_exported(trial), network, found.arrays)
    with atomic_write(target) as file:
        file.write(content)
    return ExportReport(
        file=str(target),
        file_format=file_format,
        num_bytes=len(content),
        had_training_parts=had_training_parts,
        fused=fused,
        metadata=metadata,
        images=found.source,
        agreements=agreements,
    )


def _load(config: Config, source: str) -> tuple[MultiTaskEncoderDecoder, tuple[str, ...], bool]:
    """The network, its class names, and whether it has parts that only training has."""
    name = config.filename or "config"
    if config.get("model") is None:
        raise ValueError(f"{name}: no `model`; give the config of a network.")
    network = MODELS.build(config.model)
    if not isinstance(network, MultiTaskEncoderDecoder):
        raise ValueError(
            f"{name}: model is a {type(network).__name__}; exported are networks of type "
            "mmaux.MultiTaskEncoderDecoder."
        )
    if network.test_cfg["mode"] != "whole":
        raise ValueError(
            f"{name}: model.test_cfg.mode is {network.test_cfg['mode']!r}; an exported network "
            "sees the whole image at once: --cfg-options model.test_cfg.mode=whole"
        )
    loaded = read_checkpoint(source)
    state = weights_of(loaded, source)
    load_main_network(network, state, source=source)
    classes = find_class_names(config, loaded)
    for task, head in network.heads.items():
        try:
            head.check_metainfo({"classes": classes})
        except ValueError as error:
            raise ValueError(f"checkpoint '{source}': heads.{task}: {error}") from error
    had_training_parts = bool(network.training_only_parameters()) or any(
        key.startswith(_TRAINING_ONLY) for key in state
    )
    return network.eval(), classes, had_training_parts


def _images(
    config: Config,
    files: Sequence[str | Path],
    *,
    size: tuple[int, int] | None,
    dynamic: bool,
    num_images: int,
    blank_size: tuple[int, int],
) -> VerificationImages:
    found = read_verification_images(
        config, files, num_images=num_images, blank_size=size or blank_size
    )
    if dynamic:
        return found
    height, width = size or found.arrays[0].shape[:2]
    return found.resized((height, width))
