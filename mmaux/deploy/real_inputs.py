"""Real images as a network's inputs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate

from mmaux.registry import DATASETS


def read_inputs(
    config: Config, *, images: Sequence[str | Path] = (), num_images: int = 4
) -> list[dict[str, Any]]:
    """Real inputs as a data loader gives them, one image a batch, through the test pipeline.

    Args:
        config: Config with ``test_dataloader``.
        images: Image files; by default the first of the test data set.
        num_images: How many of the test data set.

    Raises:
        ValueError: There is neither a readable test data set nor an image.
    """
    test = config.get("test_dataloader") or {}
    dataset = test.get("dataset")
    if images:
        pipeline = (dataset or {}).get("pipeline") or config.get("test_pipeline")
        if pipeline is None:
            raise ValueError("the config has no test pipeline to read --images with.")
        transform = Compose(pipeline)
        blank: dict[str, Any] = {"targets": {}, "label_map": None, "reduce_zero_label": False}
        found = [transform({**blank, "img_path": str(i), "seg_fields": []}) for i in images]
    else:
        if num_images < 1:
            raise ValueError(f"num_images is at least 1, found {num_images}.")
        try:
            if dataset is None:
                raise ValueError("the config has no test_dataloader.dataset")
            data = DATASETS.build(dataset)
        except (OSError, ValueError) as error:
            raise ValueError(
                f"the test data cannot be read ({error})\nPredictions are compared on real "
                "images: set data_root (--cfg-options test_dataloader.dataset.data_root=...), or "
                "give any images with --images FILE ..."
            ) from error
        found = [data[index] for index in range(min(num_images, len(data)))]
    return [pseudo_collate([entry]) for entry in found]
