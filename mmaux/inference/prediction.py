"""What a network says about an image."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from mmengine.structures import LabelData
from mmseg.structures import SegDataSample

from mmaux.deploy import ExportedNetwork
from mmaux.models import MultiTaskEncoderDecoder
from mmaux.models.heads import SCENE
from mmaux.visualization import draw_panel
from mmaux.visualization.multi_task_visualizer import pixel_fields

_FIELD_OF_UNIT = {
    "class id": "pred_sem_seg",
    "metre": "pred_depth_map",
    "unit vector": "pred_normal_map",
}


@dataclass(frozen=True)
class Prediction:
    """Predictions of all tasks for one image, at its own size.

    Attributes:
        name: The image's.
        image: BGR uint8 (H, W, 3).
        maps: By task: class ids (H, W), depth in metres float32 (H, W), unit normals float32
            (H, W, 3) in camera axes; for a task about the whole image a single number.
        confidence: Softmax probability of the predicted class, float32 (H, W); None without
            segmentation, or if an exported network hands out class ids only. Depth and normals
            have none: their heads predict no distribution.
        fields: The maps as a panel takes them, (C, H, W) by the name of their field.
    """

    name: str
    image: np.ndarray
    maps: Mapping[str, np.ndarray]
    confidence: np.ndarray | None = None
    fields: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of_sample(
        cls,
        sample: SegDataSample,
        network: MultiTaskEncoderDecoder,
        *,
        name: str,
        image: np.ndarray,
    ) -> "Prediction":
        """From a predicted data sample.

        Args:
            sample: With the fields of all heads.
            network: Whose heads they are.
            name: See the class.
            image: See the class.
        """
        shown = pixel_fields(sample, prefixes=("pred_",))
        maps = {}
        for task, head in network.heads.items():
            field_name = head.target.sample_field.replace("gt_", "pred_", 1)
            found = sample.get(field_name)
            if isinstance(found, LabelData):
                maps[task] = found.data.cpu().numpy().reshape(-1)[0]
            elif field_name in shown:
                maps[task] = _as_image(shown[field_name])
        confidence = None
        if "seg_logits" in sample:
            probabilities = sample.seg_logits.data.float().softmax(dim=0)
            confidence = probabilities.amax(dim=0).cpu().numpy()
        return cls(name, image, maps, confidence, shown)

    @classmethod
    def of_export(
        cls,
        exported: ExportedNetwork,
        arrays: Mapping[str, np.ndarray],
        *,
        name: str,
        image: np.ndarray,
    ) -> "Prediction":
        """From what an exported network predicted, (C, H, W) by task."""
        units = {output.task: output.unit for output in exported.metadata.outputs}
        fields = {
            _FIELD_OF_UNIT[units[task]]: array
            for task, array in arrays.items()
            if units[task] in _FIELD_OF_UNIT
        }
        maps = {
            task: array.reshape(-1)[0] if units[task] == SCENE.unit else _as_image(array)
            for task, array in arrays.items()
        }
        return cls(name, image, maps, None, fields)

    def panel(self, dataset_meta: Mapping[str, Any] | None = None) -> np.ndarray:
        """A picture of the image beside all tasks, for people.

        Args:
            dataset_meta: ``classes`` and ``palette``, as far as they are known.

        Returns:
            RGB uint8 (H, W, 3).
        """
        image = np.ascontiguousarray(self.image[..., ::-1])
        return draw_panel(image, self.fields, dataset_meta=dataset_meta)


def _as_image(array: np.ndarray) -> np.ndarray:
    """(C, H, W) to (H, W) or (H, W, C), floats as float32."""
    moved = array[0] if len(array) == 1 else np.moveaxis(array, 0, -1)
    return moved.astype(np.float32) if moved.dtype.kind == "f" else moved


def to_float32(sample: SegDataSample) -> SegDataSample:
    """A sample whose real maps are float32, as half precision leaves them."""
    for value in sample.values():
        data = value.get("data")
        if isinstance(data, torch.Tensor) and data.dtype in (torch.bfloat16, torch.float16):
            value.data = data.float()
    return sample
