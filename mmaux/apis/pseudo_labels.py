"""Labels for a folder of images from any network that segments."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmseg.models.segmentors.base import BaseSegmentor
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from mmaux.datasets.conversion.encode import png_bytes
from mmaux.datasets.conversion.pseudo_label_folder import (
    IGNORE_INDEX,
    claim_folder,
    find_images,
    label_file,
)
from mmaux.datasets.conversion.writer import write_atomically
from mmaux.datasets.image_pipeline import test_steps
from mmaux.utils.files import file_fingerprint
from mmaux.utils.progress import progress_bar
from mmaux.utils.type_name import type_name

from .load_segmentor import load_segmentor

_LOADERS_OF_TRUTH = ("LoadAnnotations", "LoadTargets")


@dataclass(frozen=True)
class PseudoLabelSummary:
    """What a run did.

    Attributes:
        labelled: Images of this run.
        skipped: Images that an earlier run had done.
        kept: Share of this run's pixels that got a class, 0 to 1.
        folder: Folder of the data set.
    """

    labelled: int
    skipped: int
    kept: float
    folder: Path


def confident_labels(logits: Tensor, *, threshold: float) -> Tensor:
    """The most likely class where its softmax probability is at least ``threshold``.

    Args:
        logits: (C, H, W), C from 2 to 255.
        threshold: 0 to 1; 0 keeps every pixel.

    Returns:
        uint8 (H, W), 255 where the network is not sure.

    Raises:
        ValueError: If C is out of range.
    """
    if not 2 <= len(logits) <= IGNORE_INDEX:
        raise ValueError(
            f"the network gives {len(logits)} channels of logits; labels in 8 bits need 2 to "
            f"{IGNORE_INDEX} classes."
        )
    confidence, classes = logits.float().softmax(dim=0).max(dim=0)
    return classes.masked_fill(confidence < threshold, IGNORE_INDEX).to(torch.uint8)


def write_pseudo_labels(
    config: Config,
    checkpoint: str | Path,
    *,
    images: str | Path,
    out: str | Path,
    threshold: float,
    batch_size: int = 8,
    workers: int = 2,
    device: str | torch.device = "cpu",
) -> PseudoLabelSummary:
    """Label every image below a folder; an interrupted run continues when called again.

    Writes ``OUT/label/STEM.png`` in the common layout and adds the classes and the labels' origin
    to ``OUT/meta.json``, whatever else that says.

    Args:
        config: Config of any mmseg or mmaux network whose predictions have ``seg_logits``.
        checkpoint: Its weights.
        images: Folder of images, searched with its subfolders.
        out: Folder of the data set.
        threshold: Pixels whose class is less probable become 255.
        batch_size: Images a forward pass; images of other sizes get passes of their own.
        workers: Processes that read images; 0 = this one.
        device: Where the network runs.

    Raises:
        ValueError: If an argument, the checkpoint or an image cannot be used, or the folder holds
            labels of another origin. Labels that were written by then stay and count.
    """
    if not 0 <= threshold < 1:
        raise ValueError(f"threshold: a probability from 0 to less than 1, found {threshold}.")
    if batch_size < 1 or workers < 0:
        raise ValueError(
            f"batch_size is at least 1 and workers at least 0, found {batch_size} and {workers}."
        )
    stems = find_images(Path(images))
    network, classes = load_segmentor(config, checkpoint)
    out = Path(out)
    origin = {
        "config": Path(config.filename or "config").name,
        "checkpoint": _name_of(Path(checkpoint)),
        "threshold": threshold,
    }
    claim_folder(out, classes=classes, origin=origin)
    missing = [stem for stem in stems if not label_file(out, stem).is_file()]
    loader = DataLoader(
        _Images({stem: stems[stem] for stem in missing}, _image_pipeline(config)),
        batch_size=batch_size,
        num_workers=workers,
        collate_fn=list,
    )
    network.to(device).eval()
    kept = pixels = 0
    with progress_bar("pseudo-labels", total=max(len(missing), 1)) as advance:
        for batch in loader:
            for stem, logits in _predict(network, batch, classes=len(classes)):
                labels = confident_labels(logits, threshold=threshold).cpu().numpy()
                kept += int(np.count_nonzero(labels != IGNORE_INDEX))
                pixels += labels.size
                file = label_file(out, stem)
                file.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(file, png_bytes(labels))
                advance()
    return PseudoLabelSummary(
        labelled=len(missing),
        skipped=len(stems) - len(missing),
        kept=kept / max(pixels, 1),
        folder=out,
    )


class _Images(Dataset[tuple[str, Any]]):
    """Images through the network's own test pipeline; what cannot be read comes as its error."""

    def __init__(self, files: dict[str, Path], pipeline: Compose) -> None:
        self.stems = list(files)
        self.files = files
        self.pipeline = pipeline

    def __len__(self) -> int:
        return len(self.stems)

    def __getitem__(self, index: int) -> tuple[str, Any]:
        stem = self.stems[index]
        path = str(self.files[stem])
        blank: dict[str, Any] = {"targets": {}, "label_map": None, "reduce_zero_label": False}
        try:
            return stem, self.pipeline({**blank, "img_path": path, "seg_fields": []})
        except Exception as error:  # whatever a decoder raises; the file must be named
            return stem, ValueError(f"{path}: cannot be read as an image ({error}).")


@torch.no_grad()
def _predict(
    network: BaseSegmentor, batch: list[tuple[str, Any]], *, classes: int
) -> list[tuple[str, Tensor]]:
    """Logits (C, H, W) by stem; images of one size go through the network together."""
    groups: dict[tuple[int, ...], list[tuple[str, Any]]] = defaultdict(list)
    for stem, item in batch:
        if isinstance(item, ValueError):
            raise item
        groups[tuple(item["inputs"].shape)].append((stem, item))
    results = []
    for group in groups.values():
        samples = network.test_step(pseudo_collate([item for _, item in group]))
        for (stem, _), sample in zip(group, samples, strict=True):
            if "seg_logits" not in sample:
                raise ValueError(
                    f"{type(network).__name__} predicts no seg_logits; give a network with a "
                    "semantic segmentation head."
                )
            logits = sample.seg_logits.data
            if len(logits) != classes:
                raise ValueError(
                    f"the network gives {len(logits)} channels of logits but {classes} classes "
                    "are named by its checkpoint or config; correct the config's classes."
                )
            results.append((stem, logits))
    return results


def _image_pipeline(config: Config) -> Compose:
    steps = test_steps(config)
    if not steps:
        raise ValueError(
            f"{config.filename or 'config'}: no test pipeline (test_dataloader.dataset.pipeline) "
            "to read images with."
        )
    return Compose([step for step in steps if type_name(step) not in _LOADERS_OF_TRUTH])


def _name_of(checkpoint: Path) -> str:
    """Which weights these are; a download is known by its address."""
    return file_fingerprint(checkpoint) if checkpoint.is_file() else str(checkpoint)
