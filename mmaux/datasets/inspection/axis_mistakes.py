"""The usual ways in which normal maps go wrong, and which of them explains a map best."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_CHANGED_DEGREES = 30.0
_MIN_CHANGED_SHARE = 0.02
_MIN_CHANGED_PIXELS = 50
_TIE_DEGREES = 1.0
_MAX_PIXELS = 6000


@dataclass(frozen=True)
class AxisMistake:
    """A mistake and its repair.

    Attributes:
        name: The likely cause, said of normals.
        axes: Which component of the map each repaired component takes.
        signs: Their signs.
        mirror: Whether the repair mirrors the map left to right.
        repair: What to do with the file.
    """

    name: str
    axes: tuple[int, int, int]
    signs: tuple[int, int, int]
    repair: str
    mirror: bool = False

    def repaired(self, normals: np.ndarray) -> np.ndarray:
        """The map (H, W, 3) as it would be without the mistake."""
        normals = normals[:, ::-1] if self.mirror else normals
        return normals[..., list(self.axes)] * np.array(self.signs, dtype=np.float32)


_XYZ = (0, 1, 2)
AXIS_MISTAKES = (
    AxisMistake("flipped without negating x", _XYZ, (-1, 1, 1), "negate x"),
    AxisMistake("point into the surface", _XYZ, (-1, -1, -1), "negate x, y and z"),
    AxisMistake("y axis up convention", _XYZ, (1, -1, 1), "negate y"),
    AxisMistake("y up, z to the camera (OpenGL axes)", _XYZ, (1, -1, -1), "negate y and z"),
    AxisMistake("z axis to the camera", _XYZ, (1, 1, -1), "negate z"),
    AxisMistake("x axis left, z to the camera", _XYZ, (-1, 1, -1), "negate x and z"),
    AxisMistake("turned by 180 degrees", _XYZ, (-1, -1, 1), "negate x and y"),
    AxisMistake("x and y swapped", (1, 0, 2), (1, 1, 1), "swap x and y"),
    AxisMistake("channels in BGR order", (2, 1, 0), (1, 1, 1), "write them in the order x, y, z"),
    AxisMistake(
        "mirrored left to right",
        _XYZ,
        (-1, 1, 1),
        "mirror them back and negate x",
        mirror=True,
    ),
)
"""The simpler explanation first: it wins where two fit alike."""


@dataclass(frozen=True)
class Explanation:
    """How much better a mistake's repair fits.

    Attributes:
        mistake: The mistake.
        share: Share of pixels whose normal the repair turns by over 30 degrees.
        before: Median angle to the reference there, in degrees, as the map is.
        after: The same after the repair.
    """

    mistake: AxisMistake
    share: float
    before: float
    after: float


def angles_between(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Degrees between unit vectors (..., 3)."""
    cosine = np.einsum("...c,...c->...", first, second)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def explain(
    normals: np.ndarray,
    reference: np.ndarray,
    *,
    margin: float = 10.0,
    limit: float = 30.0,
    mistakes: Sequence[AxisMistake] = AXIS_MISTAKES,
) -> Explanation | None:
    """The mistake whose repair brings a normal map clearly nearer to a reference.

    A frontal wall looks the same with x negated; a mistake is judged only where its repair changes
    the normals. There the median angle must shrink to less than half and by more than ``margin``.

    Args:
        normals: (H, W, 3), unit length, zero = invalid.
        reference: (H, W, 3) of the same scene, zero = invalid.
        margin: Smallest gain, in degrees.
        limit: Largest median angle after the repair, in degrees.
        mistakes: Candidates.

    Returns:
        The explanation with the smallest mean angle over the whole map, the earlier candidate
        where two differ by less than a degree; None if no candidate is clearly better.
    """
    known = np.flatnonzero((normals.any(-1) & reference.any(-1)).ravel())
    known = known[:: max(1, len(known) // _MAX_PIXELS)]
    if not len(known):
        return None
    mine_all, truth_all = normals.reshape(-1, 3)[known], reference.reshape(-1, 3)[known]
    if (angles_between(mine_all, truth_all) > margin).mean() < _MIN_CHANGED_SHARE / 2:
        return None  # no repair of two percent of the pixels could gain that much
    best: tuple[float, Explanation] | None = None
    for mistake in mistakes:
        theirs_all = mistake.repaired(normals).reshape(-1, 3)[known]
        valid = theirs_all.any(-1)
        mine, theirs, truth = mine_all[valid], theirs_all[valid], truth_all[valid]
        changed = angles_between(mine, theirs) > _CHANGED_DEGREES
        if changed.sum() < max(_MIN_CHANGED_PIXELS, _MIN_CHANGED_SHARE * len(mine)):
            continue
        before, after = angles_between(mine, truth), angles_between(theirs, truth)
        old, new = float(np.median(before[changed])), float(np.median(after[changed]))
        score = float(after.mean())
        better = new < old / 2 and old - new > margin and new < limit and score < before.mean()
        if better and (best is None or score < best[0] - _TIE_DEGREES):
            best = score, Explanation(mistake, float(changed.mean()), old, new)
    return None if best is None else best[1]
