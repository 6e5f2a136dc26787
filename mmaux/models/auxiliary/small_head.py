"""Heads of auxiliary losses."""

from typing import Any

from mmaux.models.heads import BaseTaskHead
from mmaux.registry import MODELS


def build_small_head(
    config: dict[str, Any], *, in_channels: int, decoder: dict[str, Any] | None = None
) -> BaseTaskHead:
    """A head of the main head's kind and loss on one map, with a decoder of its own.

    Args:
        config: The main head's config.
        in_channels: Channels of the map.
        decoder: The decoder; by default one 1x1 convolution. ``in_channels``, ``channels`` and
            ``in_index`` are filled in where absent.
    """
    network = dict(decoder or {})
    if "type" not in network:
        one_layer = {"num_convs": 0, "concat_input": False, "dropout_ratio": 0.0}
        network = {"type": "mmseg.FCNHead", **one_layer, **network}
    network.setdefault("in_channels", in_channels)
    network.setdefault("channels", in_channels)
    network.setdefault("in_index", 0)
    return MODELS.build({**config, "decoder": network})
