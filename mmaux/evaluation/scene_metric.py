"""Accuracy of scene classification."""

import torch
from mmengine.logging import print_log
from torch import Tensor

from mmaux.evaluation.streaming_metric import State, StreamingMetric
from mmaux.registry import METRICS


@METRICS.register_module()
class SceneMetric(StreamingMetric):
    """Percentage of images whose scene is right.

    Args:
        ignore_index: Label of images whose scene is not known.
        prefix: Prefix of the results' names.
    """

    default_prefix = "scene"
    target_field = "gt_scene"
    prediction_field = "pred_scene"
    head = "scene"

    def __init__(self, *, ignore_index: int = 255, prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        self.ignore_index = ignore_index

    @property
    def metric_names(self) -> tuple[str, ...]:
        """``accuracy``."""
        return ("accuracy",)

    def initial_state(self) -> State:
        """Numbers of labelled images (``pixels``) and of right ones."""
        return {
            "right": torch.zeros((), dtype=torch.int64),
            "pixels": torch.zeros((), dtype=torch.int64),
        }

    def image_statistics(self, prediction: Tensor, target: Tensor, *, image: str) -> State:
        """Whether an image is labelled and right.

        Args:
            prediction: Index of a scene, shape (1, 1, 1).
            target: Index of the scene, shape (1, 1, 1); ``ignore_index`` is unknown.
            image: Path of the image, for messages.
        """
        valid = target != self.ignore_index
        return {"right": (valid & (prediction == target)).sum(), "pixels": valid.sum()}

    def compute_metrics(self, results: State) -> dict[str, float]:
        """Percentage over the whole test set."""
        images = int(results["pixels"])
        print_log(f"scenes of {images} images", logger="current")
        return {"accuracy": 100.0 * int(results["right"]) / images}
