"""Facts and problems of normal maps."""

from collections.abc import Sequence

import numpy as np

from .depth_agreement import (
    Agreement,
    assumed_camera,
    compare_with_depth,
    explain_away,
    share_away,
)
from .loaded_sample import LoadedSample
from .problem import EMPTY, Problem
from .target_inspector import Extreme, TargetInspector

_LENGTH_TOLERANCE = 0.01
_MAX_WRONG_LENGTH = 0.01
_MAX_AWAY = 0.2
_AXES = "expected camera axes x right, y down, z away from the camera"

# Known camera, and an assumed one: smallest gain and largest rest of an explanation, and the median
# angle from which depth and normals disagree; degrees.
_KNOWN = (10.0, 30.0, 25.0)
_ASSUMED = (20.0, 45.0, 45.0)


class NormalInspector(TargetInspector):
    """Length and direction of normals, alone and against the depth of the same sample."""

    depth_task = "depth"

    def __init__(self, task: str, classes: Sequence[str] = ()) -> None:
        super().__init__(task, classes)
        self._invalid, self._away = Extreme(), Extreme()
        self._angle = Extreme()
        self._assumed = 0

    def add(self, sample: LoadedSample) -> list[Problem]:
        """Count; wrong lengths and directions are problems, with their likely cause."""
        normals, path = sample.arrays[self.task], sample.paths[self.task]
        length = np.sqrt(np.einsum("...c,...c->...", normals, normals))
        valid = length > 0
        self._invalid.add(1 - float(valid.mean()), path)
        if not valid.any():
            found = "no valid normal (all are zero)"
            return [Problem(path, EMPTY, found, "leave the file out or convert it again.")]
        wrong = float((np.abs(length[valid] - 1) > _LENGTH_TOLERANCE).mean())
        if wrong > _MAX_WRONG_LENGTH:
            found = f"{wrong:.0%} of the normals are not of unit length, expected 1 or 0 (invalid)"
            fix = "normalise them, and write zero where there is none."
            return [Problem(path, "normal length", found, fix)]

        camera, known = sample.intrinsics, True
        if camera is None:
            camera, known = assumed_camera(normals.shape[:2]), False
        away = share_away(normals, camera)
        self._away.add(away, path)
        depth = sample.arrays.get(self.depth_task)
        margin, limit, disagreement = _KNOWN if known else _ASSUMED
        agreement = None
        if depth is not None:
            agreement = compare_with_depth(normals, depth, camera, margin=margin, limit=limit)
        if agreement is None:
            return _away_problems(path, away, normals, camera)
        self._assumed += not known
        self._angle.add(agreement.median, path)
        return _agreement_problems(path, agreement, disagreement, known=known)

    def rows(self) -> list[tuple[str, str]]:
        """Valid pixels, direction and agreement with depth."""
        rows = [
            ("invalid pixels", self._invalid.text()),
            ("point away from the camera", self._away.text()),
        ]
        if self._angle.count:
            text = self._angle.text(unit=" degrees", scale=1.0)
            rows.append(("median angle to the depth's normals", text))
        else:
            rows.append(
                ("median angle to the depth's normals", "not checked: no depth beside them")
            )
        if self._assumed:
            text = f"unknown for {self._assumed} files, a field of view of 60 degrees assumed"
            rows.append(("camera", text))
        return rows


def _agreement_problems(
    path: str, agreement: Agreement, disagreement: float, *, known: bool
) -> list[Problem]:
    camera = "" if known else " (camera unknown, a field of view of 60 degrees assumed)"
    cause = agreement.explanation
    if cause is not None:
        found = (
            f"normals: {cause.mistake.name}: median angle to the depth's normals "
            f"{cause.before:.1f} degrees on the {cause.share:.0%} of pixels concerned, "
            f"{cause.after:.1f} if repaired{camera}; {_AXES}"
        )
        fix = f"{cause.mistake.repair} in this file."
        return [Problem(path, cause.mistake.name, found, fix)]
    if agreement.median > disagreement:
        found = (
            f"depth and normals disagree: median angle {agreement.median:.1f} degrees, expected "
            f"under {disagreement:g}{camera}"
        )
        fix = "check that both belong to this image, and the camera's intrinsics."
        return [Problem(path, "depth and normals disagree", found, fix)]
    return []


def _away_problems(
    path: str, away: float, normals: np.ndarray, camera: np.ndarray
) -> list[Problem]:
    if away <= _MAX_AWAY:
        return []
    cause = explain_away(normals, camera)
    name = "wrong axes" if cause is None else cause.name
    found = f"normals: {name}: {away:.0%} point away from the camera, expected almost none; {_AXES}"
    repair = "convert them again" if cause is None else f"{cause.repair} in this file"
    fix = f"{repair} (load depth beside them for a surer cause)."
    return [Problem(path, name, found, fix)]
