"""Running exported networks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        maps = self._maps(images.reshape(-1, *images.shape[-3:]), None)
        return maps if images.ndim == 4 else {task: array[0] for task, array in maps.items()}

    def predict(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Predictions by task, where images of any size are resized as in the network's testing.

        Args:
            images: uint8 RGB (N, H, W, 3).

        Returns:
            As from calling the network, at the images' size. With postprocessing in the graph class
            ids are those of the nearest pixel of the resized image, and the range of depth holds
            there; PyTorch and the other files interpolate logits and metres first. Maps whose unit
            is not in ``DELIVERED_MAPS`` keep the resized images' size.

        Raises:
            ValueError: As from calling the network.
        """
        resize = self.metadata.resize
        if resize is None:
            return self(images)
        resized, factors = zip(*(resize(image) for image in images), strict=True)
        return self._maps(np.stack(resized), _Enlargement(images.shape[1:3], factors[0]))

    def _maps(self, images: np.ndarray, enlargement: "_Enlargement | None") -> dict[str, Any]:
        batch = torch.from_numpy(np.ascontiguousarray(images))
        with torch.no_grad():
            outputs = self._complete(batch) if self.metadata.complete else self._fields(batch)
        maps = {}
        for output, found in zip(self.metadata.outputs, outputs, strict=True):
            value, kind = found, DELIVERED_MAPS.get(output.unit)
            if kind is not None and enlargement is not None:
                value = kind.enlarge(value, enlargement.size, enlargement.factor)
            if kind is not None and not self.metadata.complete:
                value = kind.finish(value, output.value_range)
            maps[output.task] = value.numpy()
        return maps

    def _complete(self, images: Tensor) -> Sequence[Tensor]:
        self._check_size(images.shape[1:3])
        return self.graph(images)

    def _fields(self, images: Tensor) -> Sequence[Tensor]:
        preparation = self.metadata.preparation
        inputs = preparation.pad(preparation.normalise(images))
        self._check_size(inputs.shape[-2:])
        height, width = images.shape[1:3]
        return [preparation.crop(field, height, width) for field in self.graph(inputs)]

    def _check_size(self, found: tuple[int, ...]) -> None:
        fixed = self.metadata.size
        if fixed is not None and tuple(found) != fixed:
            raise ValueError(
                f"images are {found[0]} x {found[1]} (height x width), but the file was exported "
                f"for {fixed[0]} x {fixed[1]}; resize them, or export with --dynamic."
            )


@dataclass(frozen=True)
class _Enlargement:
    """From a resized image back to the image: its size, and the factor by which it had grown."""

    size: tuple[int, int]
    factor: float


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
