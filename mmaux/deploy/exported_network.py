"""Running exported networks."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from mmaux.models.heads import DELIVERED_MAPS

from .export_metadata import ExportMetadata
from .formats import FORMATS, RunGraph


@dataclass(frozen=True)
class ExportedNetwork:
    """An exported network on the CPU, whatever its file's format.

    Attributes:
        metadata: What the file says about itself.
        graph: Its graph as it is, from a tensor to a tuple of tensors; see the metadata for the
            input that it takes.
    """

    metadata: ExportMetadata
    graph: RunGraph

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Predictions by task; what the graph leaves out is done here.

        Args:
            images: uint8 RGB, (H, W, 3) or (N, H, W, 3).

        Returns:
            Maps of the images' size, (C', H, W) or (N, C', H, W), in the units that the
            metadata name: class ids int64, metres, unit vectors. The id of the scene, int64, has
            the size 1 x 1.

        Raises:
            TypeError: The images are not uint8.
            ValueError: They have another shape, or not the file's fixed size.
        """
        if images.dtype != np.uint8:
            raise TypeError(f"images are {images.dtype}; expected uint8 RGB.")
        if images.ndim not in (3, 4) or images.shape[-1] != 3:
            raise ValueError(
                f"images have shape {images.shape}; expected (H, W, 3) or (N, H, W, 3)."
            )
        batch = torch.from_numpy(np.ascontiguousarray(images.reshape(-1, *images.shape[-3:])))
        with torch.no_grad():
            maps = self._complete(batch) if self.metadata.complete else self._in_parts(batch)
        arrays = {task: value.numpy() for task, value in maps.items()}
        return arrays if images.ndim == 4 else {task: array[0] for task, array in arrays.items()}

    def _complete(self, images: Tensor) -> dict[str, Tensor]:
        self._check_size(images.shape[1:3])
        return dict(zip(self.metadata.output_names, self.graph(images), strict=True))

    def _in_parts(self, images: Tensor) -> dict[str, Tensor]:
        preparation = self.metadata.preparation
        inputs = preparation.pad(preparation.normalise(images))
        self._check_size(inputs.shape[-2:])
        height, width = images.shape[1:3]
        maps = {}
        for output, field in zip(self.metadata.outputs, self.graph(inputs), strict=True):
            cropped = preparation.crop(field, height, width)
            kind = DELIVERED_MAPS.get(output.unit)
            maps[output.task] = (
                cropped if kind is None else kind.finish(cropped, output.value_range)
            )
        return maps

    def _check_size(self, found: tuple[int, ...]) -> None:
        fixed = self.metadata.size
        if fixed is not None and tuple(found) != fixed:
            raise ValueError(
                f"images are {found[0]} x {found[1]} (height x width), but the file was exported "
                f"for {fixed[0]} x {fixed[1]}; resize them, or export with --dynamic."
            )


def load_exported(file: str | Path) -> ExportedNetwork:
    """Make a file of ``tools/deployment/export.py`` run, whichever format it has.

    TorchScript files and exported programs can hold code: load only those that you trust.

    Args:
        file: An ONNX, TorchScript or pt2 file.

    Raises:
        ValueError: There is no such file, or it is none of these, or was not exported by mmaux.
        ImportError: ONNX Runtime is missing.
    """
    path = Path(file)
    if not path.is_file():
        raise ValueError(f"'{path}' is not a file; give one that tools/deployment/export.py wrote.")
    for kind in FORMATS.values():
        if kind.recognises(path):
            text, graph = kind.load(path)
            break
    else:
        raise ValueError(f"'{path}' is not of one of the formats {', '.join(FORMATS)}.")
    if not text:
        raise ValueError(
            f"'{path}' ({kind.name}) has no entry {ExportMetadata.KEY!r}: it was not exported by "
            "tools/deployment/export.py, so nobody knows what its outputs mean."
        )
    return ExportedNetwork(ExportMetadata.from_json(text), graph)
