"""Networks that are ready to predict."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from mmseg.structures import SegDataSample

from mmaux.datasets.image_file import IMAGE_SUFFIXES
from mmaux.datasets.image_pipeline import image_pipeline, prepare
from mmaux.models import MultiTaskEncoderDecoder
from mmaux.registry import MODELS
from mmaux.utils.class_names import class_metainfo, find_class_names
from mmaux.utils.config_file import read_config
from mmaux.utils.main_network import load_main_network, read_checkpoint, weights_of

from .image_source import ImageSource, Input, UnreadableImage


def init_model(
    config: str | Path | Config,
    checkpoint: str | Path,
    *,
    device: str | torch.device = "cpu",
    cfg_options: dict[str, Any] | None = None,
) -> MultiTaskEncoderDecoder:
    """Build a network and load it, ready to predict.

    An auxiliary module and whatever else only training has is removed, which changes no prediction.

    Args:
        config: Config that the checkpoint was trained with: a file, a shipped one
            (``'mmaux::joint_all_mbv2_nyud.py'``), or a loaded one.
        checkpoint: A Runner's checkpoint or a stripped one.
        device: Where the network goes.
        cfg_options: Settings of the config to override.

    Returns:
        The network in evaluation mode; its ``cfg`` is the config and its ``dataset_meta`` names
        classes, palette and scenes as far as they are known.

    Raises:
        ValueError: The config is of another kind of network, or the checkpoint does not fit.
    """
    if not isinstance(config, Config):
        config = read_config(config)
    config = copy.deepcopy(config)
    if cfg_options:
        config.merge_from_dict(cfg_options)
    init_default_scope(config.get("default_scope", "mmaux"))
    if config.get("model") is None:
        raise ValueError(f"{config.filename or 'config'}: no `model`; give a network's config.")
    model = copy.deepcopy(config.model)
    model.backbone.init_cfg = None  # the checkpoint has its weights
    network: Any = MODELS.build(model)
    if not isinstance(network, MultiTaskEncoderDecoder):
        raise ValueError(
            f"{config.filename or 'config'}: model is a {type(network).__name__}, expected a "
            "mmaux.MultiTaskEncoderDecoder; mmseg's own networks run under MMSegInferencer."
        )
    loaded = read_checkpoint(str(checkpoint))
    load_main_network(network, weights_of(loaded, str(checkpoint)), source=str(checkpoint))
    removed = len(network.training_only_parameters())
    network.remove_auxiliary()
    if removed:
        print_log(
            f"{checkpoint}: the auxiliary module is left out; it is of training only.", "current"
        )
    network.cfg = config
    network.dataset_meta = _dataset_meta(config, loaded)
    return network.to(device).eval()


def inference_model(
    model: MultiTaskEncoderDecoder, images: Input | Sequence[Input]
) -> SegDataSample | list[SegDataSample]:
    """Predict images, as mmseg's function of this name does.

    Args:
        model: From :func:`init_model`.
        images: A file or a BGR uint8 array (H, W, 3), or a list of them.

    Returns:
        A data sample with all tasks' ``pred_`` fields at the image's size; a list for a list, a
        folder or a video.

    Raises:
        ValueError: An image cannot be read.
    """
    single = isinstance(images, np.ndarray) or (
        isinstance(images, str | Path) and Path(images).suffix.lower() in IMAGE_SUFFIXES
    )
    pipeline = image_pipeline(model.cfg, tta=False)
    samples = []
    for frame in ImageSource(images):
        if isinstance(frame, UnreadableImage):
            raise ValueError(frame.message)
        with torch.no_grad():
            data = prepare(frame.image, pipeline, name=frame.name)
            samples += model.test_step(pseudo_collate([data]))
    return samples[0] if single else samples


def _dataset_meta(config: Config, loaded: Any) -> dict[str, Any]:
    """What the checkpoint's training data were called, or the config's test data are."""
    meta = dict((loaded.get("meta") or {}).get("dataset_meta") or {})
    dataset = (config.get("test_dataloader") or {}).get("dataset") or {}
    known = class_metainfo(dataset) | dict(dataset.get("metainfo") or {})
    classes = find_class_names(config, loaded) or None
    palette = meta.get("palette") or (known.get("palette") if classes else None)
    if palette is not None and (classes is None or len(palette) != len(classes)):
        palette = None
    scenes = meta.get("scenes") or known.get("scenes")
    return {"classes": classes, "palette": palette, "scenes": scenes}
