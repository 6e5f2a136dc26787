"""The visualizer of multi-task data samples."""

from collections.abc import Sequence
from typing import Any

import mmcv
import numpy as np
import torch
from mmengine.dist import master_only
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from mmseg.utils import get_classes, get_palette
from mmseg.visualization import SegLocalVisualizer

from mmaux.registry import VISUALIZERS
from mmaux.visualization.painters import registered_fields
from mmaux.visualization.panels import draw_panel


@VISUALIZERS.register_module()
class MultiTaskVisualizer(SegLocalVisualizer):
    """Draws one panel a sample: ground truth and prediction of every task beside the image.

    It takes the place of mmseg's visualizer in configs and under ``SegVisualizationHook``
    (``--show-dir``). Classes and palette come from the data set's meta information. What is drawn
    is described in :func:`mmaux.visualization.draw_panel`.

    Args:
        name: Name of the instance.
        image: Image to start with, RGB.
        vis_backends: Configs of the backends that store the panels.
        save_dir: Folder of the backends.
        classes: Class names, until the Runner sets those of the data set.
        palette: Colour of every class.
        dataset_name: Data set of mmseg whose classes and palette to use.
        alpha: Opacity of class colours over the image.
        cell_size: Width of the image in the panel, in pixels, 256 at least.
    """

    def __init__(
        self,
        name: str = "visualizer",
        image: np.ndarray | None = None,
        *,
        vis_backends: list[dict[str, Any]] | dict[str, Any] | None = None,
        save_dir: str | None = None,
        classes: Sequence[str] | None = None,
        palette: Sequence[Sequence[int]] | None = None,
        dataset_name: str | None = None,
        alpha: float = 1.0,
        cell_size: int = 448,
    ) -> None:
        self.cell_size = cell_size
        super().__init__(
            name=name, image=image, vis_backends=vis_backends, save_dir=save_dir, alpha=alpha
        )
        # mmseg falls back on Cityscapes, whose names would stand beside another data set's colours.
        if dataset_name is not None:
            classes = classes or get_classes(dataset_name)
            palette = palette or get_palette(dataset_name)
        self.dataset_meta = {"classes": classes, "palette": palette}

    @master_only
    def add_datasample(
        self,
        name: str,
        image: np.ndarray,
        data_sample: SegDataSample | None = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
        show: bool = False,
        wait_time: float = 0,
        out_file: str | None = None,
        step: int = 0,
        with_labels: bool = True,
    ) -> None:
        """Draw the panel of a sample and show it, write it, or hand it to the backends.

        Args:
            name: Name of the picture in the backends, title of the window.
            image: RGB image, uint8 (H, W, 3).
            data_sample: Sample with any of the ``gt_`` and ``pred_`` fields of its tasks.
            draw_gt: Whether to draw ground truth.
            draw_pred: Whether to draw predictions.
            show: Whether to open a window.
            wait_time: Seconds to show it for; 0 is until a key is pressed.
            out_file: File to write instead of using the backends.
            step: Step that the backends record.
            with_labels: Whether to name the classes.
        """
        prefixes = ("gt_",) * draw_gt + ("pred_",) * draw_pred
        panel = draw_panel(
            image,
            pixel_fields(data_sample, prefixes=prefixes) if data_sample is not None else {},
            dataset_meta=self.dataset_meta,
            cell_size=self.cell_size,
            alpha=self.alpha,
            with_labels=with_labels,
        )
        self.set_image(panel)
        if show:
            self.show(panel, win_name=name, wait_time=wait_time)
        if out_file is not None:
            mmcv.imwrite(mmcv.rgb2bgr(panel), out_file)
        else:
            self.add_image(name, panel, step)


def pixel_fields(
    data_sample: SegDataSample, *, prefixes: tuple[str, ...] = ("gt_", "pred_")
) -> dict[str, np.ndarray]:
    """Maps of a data sample that a panel can show.

    Args:
        data_sample: Sample with :class:`PixelData` fields of shape (C, H, W) or (H, W).
        prefixes: Prefixes of the fields wanted.

    Returns:
        Arrays (C, H, W) by field. Fields of several channels that no painter is registered for,
        and empty ones, are left out.
    """
    fields = {}
    for name, value in data_sample.items():
        if not name.startswith(prefixes) or not isinstance(value, PixelData) or "data" not in value:
            continue
        array = _to_numpy(value.data)
        array = array[None] if array.ndim == 2 else array
        known = name.partition("_")[2] in registered_fields() or array.shape[0] == 1
        if known and array.size:
            fields[name] = array
    return fields


def _to_numpy(data: torch.Tensor | np.ndarray) -> np.ndarray:
    if isinstance(data, np.ndarray):
        return data
    data = data.detach().cpu()
    return (data.float() if data.dtype == torch.bfloat16 else data).numpy()
