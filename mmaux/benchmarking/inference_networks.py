"""The same weights in the trained network, in the stripped one and in the joint one."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import Config

from mmaux.deploy import RemovalReport, compare_predictions, remove_auxiliary
from mmaux.models import MultiTaskEncoderDecoder

from .input_size import training_size
from .synthetic_batch import synthetic_batch
from .training_step import build_network


@dataclass(frozen=True)
class InferenceNetworks:
    """Three networks whose predictions are bit-equal, in evaluation mode.

    Attributes:
        trained: With the auxiliary module.
        stripped: From the files that ``remove_auxiliary`` wrote.
        joint: The joint config's, with the stripped network's weights.
        removal: What removing reported: parameters, operations, bit-equal fields.
    """

    trained: MultiTaskEncoderDecoder
    stripped: MultiTaskEncoderDecoder
    joint: MultiTaskEncoderDecoder
    removal: RemovalReport


def build_inference_networks(
    auxiliary: Config,
    joint: Config,
    *,
    folder: Path,
    checkpoint: str | None = None,
    device: str = "cpu",
) -> InferenceNetworks:
    """Strip a network, load the result into the joint one and compare their predictions.

    Args:
        auxiliary: Config with an auxiliary module, read from a file.
        joint: Config of the same network without one.
        folder: Where the stripped network and a noise image are written.
        checkpoint: Weights of ``auxiliary``; initial ones by default.
        device: ``cpu`` or ``cuda``.

    Raises:
        ValueError: ``auxiliary`` has no module to strip, the checkpoint is not its network's, or
            the stripped network is not the joint one.
        PredictionsDifferError: Predictions are not bit-equal.
    """
    trained = build_network(auxiliary).eval()
    if trained.auxiliary is None:
        raise ValueError(f"{auxiliary.filename}: the network has no auxiliary module to strip.")
    if checkpoint is None:
        checkpoint = str(folder / "initial.pth")
        torch.save({"meta": {}, "state_dict": trained.state_dict()}, checkpoint)
    size = training_size(auxiliary)
    image = folder / "noise.png"
    cv2.imwrite(str(image), np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8))
    removal = remove_auxiliary(auxiliary, checkpoint, out_dir=folder / "stripped", images=[image])
    stripped = build_network(Config.fromfile(removal.config)).eval()
    weights = torch.load(removal.checkpoint, map_location="cpu", weights_only=True)["state_dict"]
    stripped.load_state_dict(weights)
    trained.load_state_dict(weights, strict=False)
    network = build_network(joint).eval()
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(
            f"{joint.filename}: not the network that is left of {auxiliary.filename} without its "
            f"auxiliary module; {error}"
        ) from error
    for model in (trained, stripped, network):
        model.to(device)
    batch = [synthetic_batch(network, batch_size=2, size=size)]
    compare_predictions(stripped, trained, batch)
    compare_predictions(stripped, network, batch)
    return InferenceNetworks(trained, stripped, network, removal)
