"""Errors of metric depth."""

import torch
from mmengine.logging import print_log
from torch import Tensor

from mmaux.evaluation.functional import (
    DEPTH_ERRORS,
    depth_error_sums,
    depth_errors,
    eigen_crop_mask,
    valid_depth_mask,
)
from mmaux.evaluation.streaming_metric import State, StreamingMetric
from mmaux.registry import METRICS


@METRICS.register_module()
class DepthMetric(StreamingMetric):
    """AbsRel, SqRel, RMSE (metres), RMSE-log, log10 and the accuracies d1, d2, d3.

    A pixel is valid if its true depth lies strictly between ``min_depth`` and ``max_depth`` (0 is
    "no measurement") and inside the crop. Predictions are clamped to that range first, as is usual
    for NYUD-v2 (mmseg's metric does not clamp). Definitions: :func:`depth_error_sums`.

    Args:
        average: ``'pixel'`` pools all valid pixels of the test set (Eigen, Vandenhende, InvPT);
            ``'image'`` takes the errors of every image and then their mean over the images with a
            valid pixel (mmseg). The two differ, RMSE most.
        min_depth: Lower end of the evaluated range, metres, above 0.
        max_depth: Upper end of the evaluated range, metres.
        crop: ``'eigen'`` for rows 45 to 470 and columns 41 to 600 of 480x640 images, or None.
        prefix: Prefix of the results' names.

    Raises:
        ValueError: If an argument is out of its range; at evaluation if ``crop`` does not fit the
            image.
    """

    default_prefix = "depth"
    target_field = "gt_depth_map"
    prediction_field = "pred_depth_map"
    head = "depth"

    def __init__(
        self,
        *,
        average: str = "pixel",
        min_depth: float = 1e-3,
        max_depth: float = 10.0,
        crop: str | None = None,
        prefix: str | None = None,
    ) -> None:
        super().__init__(prefix=prefix)
        if average not in ("pixel", "image"):
            raise ValueError(f"average: expected 'pixel' or 'image', got {average!r}.")
        if crop not in (None, "eigen"):
            raise ValueError(f"crop: expected None or 'eigen', got {crop!r}.")
        if not 0 < min_depth < max_depth:
            raise ValueError(
                "min_depth and max_depth: expected 0 < min_depth < max_depth in metres (the "
                f"logarithms need it), got {min_depth} and {max_depth}."
            )
        self.average = average
        self.min_depth = min_depth
        self.max_depth = max_depth
        self.crop = crop

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The errors of :data:`DEPTH_ERRORS`."""
        return DEPTH_ERRORS

    def initial_state(self) -> State:
        """Sums over pixels, or over images of their errors."""
        return {
            "sums": torch.zeros(len(DEPTH_ERRORS), dtype=torch.float64),
            "images": torch.zeros((), dtype=torch.int64),
            "pixels": torch.zeros((), dtype=torch.int64),
        }

    def image_statistics(self, prediction: Tensor, target: Tensor, *, image: str) -> State:
        """Sums of one image.

        Args:
            prediction: Depth in metres, shape (1, H, W).
            target: Depth in metres, shape (1, H, W); 0 is invalid.
            image: Path of the image, for messages.
        """
        valid = valid_depth_mask(target, min_depth=self.min_depth, max_depth=self.max_depth)
        if self.crop is not None:
            try:
                valid &= eigen_crop_mask(*target.shape[-2:]).to(valid.device)
            except ValueError as error:
                raise ValueError(f"DepthMetric: {image}: {error}") from error
        pixels = valid.sum()
        predicted = prediction[valid].double().clamp(self.min_depth, self.max_depth)
        sums = depth_error_sums(predicted, target[valid])
        if self.average == "image" and pixels > 0:
            sums = depth_errors(sums, pixels)
        return {"sums": sums, "images": (pixels > 0).long(), "pixels": pixels}

    def compute_metrics(self, results: State) -> dict[str, float]:
        """Errors over the whole test set."""
        if self.average == "pixel":
            errors = depth_errors(results["sums"], results["pixels"])
        else:
            errors = results["sums"] / results["images"]
        print_log(
            f"depth errors over {int(results['pixels'])} valid pixels of "
            f"{int(results['images'])} images, averaged by {self.average}",
            logger="current",
        )
        return dict(zip(DEPTH_ERRORS, errors.tolist(), strict=True))
