"""Classification of the whole image."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.structures import LabelData
from mmseg.structures import SegDataSample
from torch import Tensor

from mmaux.datasets.targets import SceneTarget
from mmaux.registry import MODELS

from .classification_head import ClassificationHead
from .delivered_map import SCENE


@MODELS.register_module()
class SceneHead(ClassificationHead):
    """Scene of an image; predicts ``scene_logits`` (K, 1, 1) and ``pred_scene`` (1, 1, 1).

    The field is the decoder's map; the logits are its mean over the image, in prediction without
    padding. With one 1x1 convolution as its decoder that is global average pooling and a linear
    layer, since the two can be swapped::

        scene=dict(
            type='mmaux.SceneHead', num_classes=4,
            decoder=dict(type='mmseg.FCNHead', in_channels=320, in_index=3, channels=320,
                         num_convs=0, concat_input=False))

    Under sliding inference the windows' fields are put together before the mean is taken. An
    auxiliary chain of this task ends in such a head too.

    Args:
        num_classes: See :class:`ClassificationHead`.
        decoder: See :class:`BaseTaskHead`.
        loss: See :class:`ClassificationHead`.
        init_cfg: As everywhere in mmengine.
    """

    target = SceneTarget
    delivered = SCENE
    accuracy_name = "accuracy"

    def loss(
        self, feature_maps: Sequence[Tensor], samples: Sequence[SegDataSample], size: Sequence[int]
    ) -> dict[str, Tensor]:
        """Losses of a batch, one label an image; ``size`` does not matter."""
        logits = self(feature_maps).mean(dim=(2, 3), keepdim=True)
        return self.loss_by_map(logits, self.gather_targets(samples, logits))

    def check_metainfo(self, metainfo: Mapping[str, Any]) -> None:
        """The data's scenes are the classes."""
        self.check_names(metainfo.get("scenes") or (), what="scenes")

    def restore(self, field: Tensor, meta: dict[str, Any]) -> Tensor:
        """Mean (K, 1, 1) of an image's field (K, H, W) over what is not padding."""
        return self.unpad(field, meta).mean(dim=(1, 2), keepdim=True)

    def to_prediction(self, field: Tensor) -> dict[str, LabelData]:
        """Logits and the most likely scene."""
        return {
            "scene_logits": LabelData(data=field),
            "pred_scene": LabelData(data=field.argmax(dim=0, keepdim=True)),
        }

    def merge(self, samples: Sequence[SegDataSample]) -> dict[str, LabelData]:
        """Mean of the class probabilities; ``scene_logits`` holds its logarithm."""
        return self.to_prediction(self.mean_logits([s.scene_logits.data for s in samples]))
