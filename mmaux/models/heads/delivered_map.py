"""What a task delivers once its network is deployed."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

ValueRange = tuple[float, float] | None


@dataclass(frozen=True)
class DeliveredMap:
    """The last step from a field to a prediction, and how far two predictions may lie apart.

    Attributes:
        unit: Unit of the values, by which an exported file names this object.
        finish: From a field (..., C, H, W), and the range of values if there is one, to the
            prediction (..., C', H, W), or (..., C', 1, 1) if it is about the whole image.
        enlarge: From fields or predictions in a resized image, (N, C, h, w), to those in the image
            itself, given its size (H, W) and the factor by which it had grown.
        deviation: A number from two predictions (N, C', H, W); zero if they are equal, NaN if
            either holds one.
        deviation_unit: Unit of that number.
        tolerance: The largest one at which two implementations in float32 count as the same.
    """

    unit: str
    finish: Callable[[Tensor, ValueRange], Tensor]
    enlarge: Callable[[Tensor, tuple[int, int], float], Tensor]
    deviation: Callable[[Tensor, Tensor], float]
    deviation_unit: str
    tolerance: float


def most_likely_class(logits: Tensor, value_range: ValueRange = None) -> Tensor:
    """Class ids (..., 1, H, W) int64 of logits (..., K, H, W)."""
    return logits.argmax(dim=-3, keepdim=True)


def most_likely_scene(logits: Tensor, value_range: ValueRange = None) -> Tensor:
    """Class id (..., 1, 1, 1) int64 of an image from its logits (..., K, H, W)."""
    return most_likely_class(logits.mean(dim=(-2, -1), keepdim=True))


def within_range(field: Tensor, value_range: ValueRange) -> Tensor:
    """Values clamped to a range; as they are without one."""
    return field if value_range is None else field.clamp(*value_range)


def unit_length(vectors: Tensor, value_range: ValueRange = None) -> Tensor:
    """Vectors (..., 3, H, W) of length one."""
    return F.normalize(vectors, dim=-3, eps=1e-6)


def classes_of_larger(ids: Tensor, size: tuple[int, int], factor: float) -> Tensor:
    """Class ids (N, 1, h, w) int64, or logits (N, K, h, w), at another size."""
    if ids.is_floating_point():
        return F.interpolate(ids, size=size, mode="bilinear", align_corners=False)
    return F.interpolate(ids.double(), size=size, mode="nearest-exact").long()


def same_scene(ids: Tensor, size: tuple[int, int], factor: float) -> Tensor:
    """The class of a scene, or its logits."""
    return ids


def depth_of_larger(depth: Tensor, size: tuple[int, int], factor: float) -> Tensor:
    """Metres (N, 1, h, w) at another size: the larger the image, the nearer things look."""
    return factor * F.interpolate(depth, size=size, mode="bilinear", align_corners=False)


def directions_of_larger(vectors: Tensor, size: tuple[int, int], factor: float) -> Tensor:
    """Unit vectors (N, 3, h, w) at another size."""
    return unit_length(F.interpolate(vectors, size=size, mode="bilinear", align_corners=False))


def share_of_other_classes(first: Tensor, second: Tensor) -> float:
    """Share of pixels whose classes differ, in percent."""
    return 100 * float((first != second).double().mean())


def largest_difference(first: Tensor, second: Tensor) -> float:
    """Largest absolute difference."""
    return float((first.double() - second.double()).abs().max())


def largest_angle(first: Tensor, second: Tensor) -> float:
    """Largest angle between unit vectors (N, 3, H, W), in degrees.

    From the chord, which unlike the cosine tells small angles apart.
    """
    chord = (first.double() - second.double()).norm(dim=-3)
    return float(torch.rad2deg(2 * (chord / 2).clamp(max=1).asin()).max())


CLASS_MAP = DeliveredMap(
    "class id", most_likely_class, classes_of_larger, share_of_other_classes, "% other classes", 0.1
)
METRES = DeliveredMap("metre", within_range, depth_of_larger, largest_difference, "m", 1e-3)
UNIT_VECTORS = DeliveredMap(
    "unit vector", unit_length, directions_of_larger, largest_angle, "degree", 0.1
)
SCENE = DeliveredMap(
    "scene id", most_likely_scene, same_scene, share_of_other_classes, "% other classes", 0.1
)

DELIVERED_MAPS = {kind.unit: kind for kind in (CLASS_MAP, METRES, UNIT_VECTORS, SCENE)}
"""By unit; a task of one's own may add another."""
