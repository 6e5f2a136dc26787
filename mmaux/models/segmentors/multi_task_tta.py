"""Test-time augmentation for all tasks."""

from collections.abc import Sequence

from mmengine.model import BaseTTAModel
from mmseg.structures import SegDataSample

from mmaux.registry import MODELS


@MODELS.register_module()
class MultiTaskTTAModel(BaseTTAModel):
    """Average the predictions of flipped and resized versions of an image, task by task.

    Each version's prediction has already been brought back to the original image (flips undone,
    normals mirrored back, depth in metres); each head averages in its own way.

    Args:
        module: The network, or its config.
        data_preprocessor: Overrides the network's.
    """

    def merge_preds(
        self, data_samples_list: Sequence[Sequence[SegDataSample]]
    ) -> list[SegDataSample]:
        """Merge the versions of each image into one data sample, that of the first version."""
        merged = []
        for versions in data_samples_list:
            fields = {}
            for head in self.module.heads.values():
                fields.update(head.merge(versions))
            versions[0].set_data(fields)
            merged.append(versions[0])
        return merged
