"""Which classes are taken for which."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor


class ConfusionMatrix:
    """Counts pixels by true and predicted class.

    Args:
        classes: Names.
        ignore_index: Label of pixels that do not count.

    Attributes:
        counts: int64 (K, K), rows are true classes, columns predicted ones.
    """

    def __init__(self, classes: Sequence[str], *, ignore_index: int = 255) -> None:
        self.classes = tuple(classes)
        self.ignore_index = ignore_index
        self.counts = np.zeros((len(self.classes), len(self.classes)), dtype=np.int64)

    def add(self, prediction: Tensor, target: Tensor) -> None:
        """Add an image.

        Args:
            prediction: Class ids, (1, H, W) or (H, W).
            target: Likewise.

        Raises:
            ValueError: A class id is out of range.
        """
        valid = target != self.ignore_index
        true, found = target[valid].long(), prediction[valid].long()
        size = len(self.classes)
        for what, ids in (("label", true), ("prediction", found)):
            if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < size:
                raise ValueError(
                    f"{what}: found class ids {int(ids.min())} to {int(ids.max())}, but there are "
                    f"{size} classes."
                )
        cells = torch.bincount(true * size + found, minlength=size**2)
        self.counts += cells.reshape(size, size).numpy()

    @property
    def shares(self) -> np.ndarray:
        """Share of each true class's pixels, rows sum to 1; NaN for classes that do not occur."""
        with np.errstate(invalid="ignore"):
            return self.counts / self.counts.sum(axis=1, keepdims=True)

    def draw(self) -> np.ndarray:
        """Picture of the shares in percent.

        Returns:
            RGB, uint8 (H, W, 3).
        """
        size = len(self.classes)
        side = max(5.0, 0.42 * size + 2.5)
        figure = Figure(figsize=(side + 0.8, side), dpi=110, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        axes = figure.subplots()
        shown = axes.imshow(100 * self.shares, cmap="Blues", vmin=0, vmax=100)
        axes.set_xticks(range(size), self.classes, rotation=90)
        axes.set_yticks(range(size), self.classes)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        for row, column in np.argwhere(self.shares >= 0.005):
            share = self.shares[row, column]
            axes.text(
                column,
                row,
                f"{100 * share:.0f}",
                ha="center",
                va="center",
                fontsize=7,
                color="white" if share > 0.5 else "black",
            )
        figure.colorbar(shown, ax=axes, label="% of the true class's pixels", shrink=0.7)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()
