"""Packing a sample for the model."""

from collections.abc import Sequence
from typing import Any

from mmseg.datasets.transforms import PackSegInputs

from mmaux.registry import TRANSFORMS

_META_KEYS = (
    "img_path",
    "ori_shape",
    "img_shape",
    "pad_shape",
    "scale_factor",
    "depth_factor",
    "flip",
    "flip_direction",
    "intrinsics",
    "reduce_zero_label",
)


@TRANSFORMS.register_module()
class PackMultiTaskInputs(PackSegInputs):
    """mmseg's packing for any set of targets.

    Each target becomes a data element under its own field (``PixelData`` if it is dense) and keeps,
    as ``fill_value`` in that field's meta information, the value with which batches are padded.

    Args:
        meta_keys: Keys of the results that the data sample keeps.
    """

    def __init__(self, meta_keys: Sequence[str] = _META_KEYS) -> None:
        super().__init__(meta_keys=tuple(meta_keys))

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Return ``inputs`` (3, H, W) and ``data_samples``."""
        targets = [
            target for target in results.get("targets", {}).values() if target.result_key in results
        ]
        ours = {target.result_key for target in targets}
        packed = super().transform({k: v for k, v in results.items() if k not in ours})
        for target in targets:
            data = target.element_type(metainfo={"fill_value": target.fill_value})
            data.data = target.to_tensor(results[target.result_key])
            packed["data_samples"].set_data({target.sample_field: data})
        return packed
