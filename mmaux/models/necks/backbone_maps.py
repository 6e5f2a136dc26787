"""The backbone's maps as a neck receives them."""

from collections.abc import Sequence

from torch import Tensor


def check_maps(neck: str, maps: Sequence[Tensor], in_channels: Sequence[int]) -> None:
    """Compare the maps with the channels that the neck was built for.

    Args:
        neck: Its name, for the message.
        maps: The backbone's maps, each (N, C, h, w).
        in_channels: Their channels by the neck's config.

    Raises:
        ValueError: Their number or their channels differ.
    """
    found = [feature.shape[1] for feature in maps]
    if found != list(in_channels):
        raise ValueError(
            f"neck {neck}: in_channels={list(in_channels)}, but the backbone gives maps of "
            f"{found} channels, from shallow to deep; set neck.in_channels to these, or check "
            "backbone.out_indices."
        )
