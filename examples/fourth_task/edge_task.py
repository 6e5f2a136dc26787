"""Edges as a fourth task: target, loss, head, metric and picture, and no change to mmaux.

Importing this module registers everything; a config does so with
``custom_imports = dict(imports=['edge_task'])``. The registries are mmaux's, so a config writes
``type='mmaux.EdgeHead'``, whatever its default scope.

An edge map holds 1 on an edge, 0 beside it and 255 where nobody knows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from mmaux.datasets.image_file import read_image_file
from mmaux.datasets.targets import DenseTarget
from mmaux.evaluation import StreamingMetric
from mmaux.models import BaseTaskHead
from mmaux.registry import METRICS, MODELS, TASK_UTILS
from mmaux.visualization import Painting, PanelContext, TaskPainter, register_painter
from mmaux.visualization.painters import ColorBar, mark_invalid, resize_nearest

EDGE, IGNORE = 1, 255


# Data --------------------------------------------------------------------------------------------


@TASK_UTILS.register_module()
class EdgeTarget(DenseTarget):
    """Edge maps, 8-bit PNG: 0 no edge, 1 edge, 255 invalid.

    Flips and turns move edges and do not change their values. Targets are sampled with nearest
    neighbours: edges one pixel wide break where images are made smaller; draw them two wide.
    """

    task = "edge"
    path_key = "edge_map_path"
    result_key = "gt_edge_map"
    sample_field = "gt_edge_map"
    default_folder = "edge"
    fill_value = IGNORE

    def load(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """Read an edge map (H, W), uint8.

        Raises:
            ValueError: Several channels, or another value than 0, 1 and 255.
        """
        edges = read_image_file(path, flag="unchanged", backend_args=backend_args)
        if edges.ndim != 2:
            raise ValueError(f"{path}: an edge map has one channel, found shape {edges.shape}.")
        values = np.unique(edges)
        wrong = sorted(set(values.tolist()) - {0, EDGE, IGNORE})
        if wrong:
            raise ValueError(
                f"{path}: edge maps hold 0 (no edge), {EDGE} (edge) and {IGNORE} (unknown), found "
                f"{wrong[:5]}; divide a map of strengths by a threshold first."
            )
        return edges.astype(np.uint8)

    def to_tensor(self, array: np.ndarray) -> Tensor:
        """Edges (1, H, W) int64."""
        return torch.from_numpy(array.astype(np.int64))[None]


# Model -------------------------------------------------------------------------------------------


def balanced_edge_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy in which edges and the rest of the batch weigh one half each.

    This is the loss of Xie & Tu (2015, equation 2), divided by its weights so that an
    undecided network has ln 2 whatever the share of edges. A class without a pixel adds nothing.

    Args:
        logits: (N, 1, H, W).
        target: (N, 1, H, W); 1 edge, 0 none, 255 invalid.

    Returns:
        A scalar; zero with a zero gradient where nothing is valid.
    """
    logits = logits.float()
    is_edge, is_rest = target == EDGE, target == 0
    miss = (F.softplus(-logits) * is_edge).sum() / is_edge.sum().clamp(min=1)
    false_alarm = (F.softplus(logits) * is_rest).sum() / is_rest.sum().clamp(min=1)
    return 0.5 * (miss + false_alarm)


@MODELS.register_module()
class BalancedEdgeLoss(nn.Module):
    """:func:`balanced_edge_loss` times a weight."""

    def __init__(self, *, loss_weight: float = 1.0, loss_name: str = "loss_edge") -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.loss_name = loss_name

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Weighted loss."""
        return self.loss_weight * balanced_edge_loss(logits, target)


@MODELS.register_module()
class EdgeHead(BaseTaskHead):
    """Probability of an edge; predicts ``pred_edge_map`` (1, H, W) in [0, 1].

    Probabilities, not logits, are averaged over windows and flips. A scalar map needs no own
    ``unflip`` nor ``restore``: the base moves the pixels back. The balanced loss makes the
    probabilities too high for rare edges; the metric looks for the best threshold.

    Args:
        decoder: See :class:`mmaux.models.BaseTaskHead`.
        loss: Losses over (logits, target); :class:`BalancedEdgeLoss` by default.
        init_cfg: As everywhere in mmengine.
    """

    target = EdgeTarget
    kind = "classification"

    def __init__(
        self,
        *,
        decoder: dict[str, Any],
        loss: dict[str, Any] | Sequence[dict[str, Any]] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            out_channels=1,
            decoder=decoder,
            loss={"type": "mmaux.BalancedEdgeLoss"} if loss is None else loss,
            init_cfg=init_cfg,
        )

    def loss_by_map(self, raw: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Losses of logits against edges, both (N, 1, H, W)."""
        result: dict[str, Tensor] = {}
        for loss in self.losses:
            name = str(loss.loss_name)
            result[name] = result.get(name, 0) + loss(raw, target)
        return result

    def activate(self, raw: Tensor) -> Tensor:
        """Probabilities from logits."""
        return raw.float().sigmoid()

    def to_prediction(self, field: Tensor) -> dict[str, PixelData]:
        """The probability map."""
        return {"pred_edge_map": PixelData(data=field)}

    def merge(self, samples: Sequence[SegDataSample]) -> dict[str, PixelData]:
        """Mean of the probabilities."""
        return self.to_prediction(torch.stack([s.pred_edge_map.data for s in samples]).mean(0))


# Evaluation --------------------------------------------------------------------------------------


@METRICS.register_module()
class EdgeMetric(StreamingMetric):
    """Best F-score over one threshold for the whole test set, its threshold, average precision.

    All pixels of the test set are pooled. ``edge/F`` is chosen as the usual ODS is, but pixels
    are compared where they stand: there is no matching within a tolerance and no thinning, so
    that the numbers are lower than, and not comparable with, those of the BSDS benchmark.

    Only two histograms are kept. They give every threshold ``k / bins`` exactly; average
    precision is the sum of precision times gain in recall over these thresholds.

    Args:
        bins: Number of thresholds, a power of two.
        prefix: Prefix of the results' names.
    """

    default_prefix = "edge"
    target_field = "gt_edge_map"
    prediction_field = "pred_edge_map"
    head = "edge"

    def __init__(self, *, bins: int = 256, prefix: str | None = None) -> None:
        super().__init__(prefix=prefix)
        if bins < 2 or bins & (bins - 1):
            raise ValueError(f"bins: expected a power of two from 2 on, got {bins}.")
        self.bins = bins

    @property
    def metric_names(self) -> tuple[str, ...]:
        """F, its threshold, and average precision."""
        return ("F", "threshold", "AP")

    def initial_state(self) -> dict[str, Tensor]:
        """Histograms of the probability on edges and beside them."""
        return {
            "on_edges": torch.zeros(self.bins, dtype=torch.int64),
            "elsewhere": torch.zeros(self.bins, dtype=torch.int64),
            "pixels": torch.zeros((), dtype=torch.int64),
        }

    def image_statistics(
        self, prediction: Tensor, target: Tensor, *, image: str
    ) -> dict[str, Tensor]:
        """Histograms of one image.

        Args:
            prediction: Probabilities, shape (1, H, W).
            target: 1 edge, 0 none, 255 invalid, shape (1, H, W).
            image: Path of the image, for messages.
        """
        if prediction.min() < 0 or prediction.max() > 1:
            raise ValueError(
                f"EdgeMetric: {image}: {self.prediction_field} lies between "
                f"{float(prediction.min()):g} and {float(prediction.max()):g}; expected "
                "probabilities from 0 to 1. Does the head return logits?"
            )
        bin_of = (prediction * self.bins).long().clamp(max=self.bins - 1)
        is_edge, is_rest = target == EDGE, target == 0
        return {
            "on_edges": torch.bincount(bin_of[is_edge], minlength=self.bins),
            "elsewhere": torch.bincount(bin_of[is_rest], minlength=self.bins),
            "pixels": is_edge.sum() + is_rest.sum(),
        }

    def compute_metrics(self, results: dict[str, Tensor]) -> dict[str, float]:
        """Results of the whole test set; NaN if it has no edge at all."""
        # Counts of what is at or above each threshold, from the lowest to the highest.
        hits, false_alarms = (
            results[name].flip(0).cumsum(0).flip(0).double() for name in ("on_edges", "elsewhere")
        )
        edges = hits[0]
        if edges == 0:
            return dict.fromkeys(self.metric_names, float("nan"))
        score = 2 * hits / (hits + false_alarms + edges)
        best = int(score.argmax())
        precision = hits / (hits + false_alarms).clamp(min=1)
        gained = results["on_edges"].double() / edges
        return {
            "F": float(score[best]),
            "threshold": best / self.bins,
            "AP": float((precision * gained).sum()),
        }


# Pictures ----------------------------------------------------------------------------------------


class EdgePainter(TaskPainter):
    """Edges in black on white, by probability; unknown pixels are hatched."""

    def paint(self, maps: Mapping[str, np.ndarray], context: PanelContext) -> Painting:
        """Paint edge maps and probabilities (1, H, W)."""
        bar = ColorBar(cmap="gray_r", low=0.0, high=1.0, label="probability of an edge")
        pictures = {row: self._picture(array, context) for row, array in maps.items()}
        return Painting(title="edges", pictures=pictures, legend=bar)

    @staticmethod
    def _picture(array: np.ndarray, context: PanelContext) -> np.ndarray:
        values = resize_nearest(array, context.size)[0].astype(np.float64)
        grey = np.round(255 * (1 - values.clip(0, 1))).astype(np.uint8)
        return mark_invalid(np.repeat(grey[..., None], 3, axis=-1), values == IGNORE)


# One painter serves gt_edge_map and pred_edge_map.
register_painter("edge_map", EdgePainter())
