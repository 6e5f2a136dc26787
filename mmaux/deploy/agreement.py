"""Agreement of an exported network with the one in PyTorch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from mmseg.structures import SegDataSample
from torch import Tensor

from mmaux.models import MultiTaskEncoderDecoder

from .exported_network import ExportedNetwork


class ExportDisagreesError(RuntimeError):
    """An exported network predicts something else than PyTorch; the message says what."""


@dataclass(frozen=True)
class Agreement:
    """How far the two networks' predictions of a task lie apart.

    Attributes:
        task: Name of the task.
        deviation: The largest over all batches.
        unit: Its unit.
        tolerance: The largest one allowed.
    """

    task: str
    deviation: float
    unit: str
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the deviation is within the tolerance; NaN is not."""
        return self.deviation <= self.tolerance

    def __str__(self) -> str:
        return f"{self.task}: {self.deviation:.3g} {self.unit} (allowed {self.tolerance:g})"


def verify_export(
    exported: ExportedNetwork, network: MultiTaskEncoderDecoder, images: Sequence[np.ndarray]
) -> tuple[Agreement, ...]:
    """Compare the predictions of an exported network with those of the one in PyTorch.

    Compared are images one by one, a batch of two and, if the size may vary, a second size. The
    reference is the network's own ``test_step``: its preprocessor, whole inference, and its
    heads' predictions at the image's size.

    Args:
        exported: The network as loaded from its file.
        network: The network in PyTorch, in evaluation mode.
        images: uint8 RGB (H, W, 3).

    Returns:
        One agreement a task; all of them hold.

    Raises:
        ExportDisagreesError: One does not hold, or a map has another shape.
    """
    deviations: dict[str, list[float]] = {task: [] for task in network.heads}
    for batch in _batches(images, any_size=exported.metadata.size is None):
        expected = predict(network, batch)
        found = exported(batch)
        for task, values in deviations.items():
            reference, other = expected[task], torch.from_numpy(found[task])
            if reference.shape != other.shape:
                raise ExportDisagreesError(
                    f"{task}: the exported network gives a map of shape {tuple(other.shape)}, "
                    f"PyTorch one of {tuple(reference.shape)}, for images {batch.shape}."
                )
            values.append(network.heads[task].delivered.deviation(other, reference))
    agreements = tuple(
        Agreement(
            task,
            float(np.max(values)),
            network.heads[task].delivered.deviation_unit,
            network.heads[task].delivered.tolerance,
        )
        for task, values in deviations.items()
    )
    wrong = [str(agreement) for agreement in agreements if not agreement.holds]
    if wrong:
        raise ExportDisagreesError(
            f"the exported network does not agree with PyTorch: {'; '.join(wrong)}. No file was "
            "written."
        )
    return agreements


def predict(network: MultiTaskEncoderDecoder, images: np.ndarray) -> dict[str, Tensor]:
    """Predictions of a network by task.

    Args:
        network: In evaluation mode.
        images: uint8 RGB (N, H, W, 3).

    Returns:
        Maps (N, C', H, W).
    """
    size = images.shape[1:3]
    meta = {"ori_shape": size, "img_shape": size}
    batch = {
        "inputs": list(torch.from_numpy(images.copy()).permute(0, 3, 1, 2).flip(1)),  # BGR
        "data_samples": [SegDataSample(metainfo=dict(meta)) for _ in images],
    }
    with torch.no_grad():
        samples = network.test_step(batch)
    fields = {
        task: head.target.sample_field.replace("gt_", "pred_", 1)
        for task, head in network.heads.items()
    }
    return {
        task: torch.stack([getattr(sample, field).data for sample in samples]).cpu()
        for task, field in fields.items()
    }


def _batches(images: Sequence[np.ndarray], *, any_size: bool) -> Iterator[np.ndarray]:
    for image in images:
        yield image[None]
    first = images[0]
    yield np.stack([first, first[:, ::-1]])
    if any_size:
        height, width = first.shape[:2]
        yield first[None, : height - height // 4 - 1, : width - width // 5 - 1]
