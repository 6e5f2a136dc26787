"""Predictions as files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmaux.datasets.conversion.encode import (
    NORMAL_AXES,
    NORMAL_CODING,
    encode_depth,
    encode_normals,
    png_bytes,
)
from mmaux.utils.files import OutputPathError, atomic_write, ensure_writable_dir
from mmaux.visualization import write_picture

from .panel_video import PanelVideo
from .prediction import Prediction

SAVE_KINDS = ("png", "npz", "panel", "video")
DEPTH_SCALE = 1000
_LAYOUT = ("label", "depth", "normal", "scene")
_LARGEST_DEPTH = np.iinfo(np.uint16).max / DEPTH_SCALE


class ResultWriter:
    """Writes predictions below a folder.

    - ``png``: the common layout of ``docs/data.md``, so that the folder is a data set:
      ``label/NAME.png`` (class ids), ``depth/NAME.png`` (millimetres, 16 bit), ``normal/NAME.png``
      (16 bit), ``scene/NAME.txt``; beside them ``confidence/NAME.png`` (8 bit, probability x 255).
      ``meta.json`` states classes and scales.
    - ``npz``: ``npz/NAME.npz`` with every map as it is, by task.
    - ``panel``: ``panel/NAME.png``, a picture for people.
    - ``video``: ``video/NAME.mp4`` of the panels of each video, or of a webcam in its own time.

    Args:
        out: The folder.
        kinds: Some of :data:`SAVE_KINDS`.
        dataset_meta: ``classes``, ``palette`` and ``scenes``, as far as they are known.

    Attributes:
        folders: Names of the folders in ``out`` that are written to.

    Raises:
        ValueError: There is no such kind.
        OutputPathError: The folder cannot be written, or ``png`` would overwrite a data set, or
            mix its class ids with those of a network with other classes.
    """

    def __init__(
        self,
        out: str | Path,
        kinds: Sequence[str],
        *,
        dataset_meta: Mapping[str, Any],
    ) -> None:
        unknown = [kind for kind in kinds if kind not in SAVE_KINDS]
        if unknown or not kinds:
            raise ValueError(
                f"save: found {', '.join(unknown) or 'nothing'}, expected some of "
                f"{', '.join(SAVE_KINDS)}."
            )
        self.out = ensure_writable_dir(out)
        self.kinds = tuple(dict.fromkeys(kinds))
        self.folders = tuple(
            name
            for kind in self.kinds
            for name in ((*_LAYOUT, "confidence") if kind == "png" else (kind,))
        )
        self.dataset_meta = dict(dataset_meta)
        if "png" in self.kinds:
            self._ensure_own_folder()
        self._video: tuple[str, PanelVideo] | None = None
        self._has_meta = False

    def write(
        self, prediction: Prediction, *, fps: float | None = None, time: float | None = None
    ) -> None:
        """Write one prediction.

        Args:
            prediction: It.
            fps: Frames a second if it is a video's.
            time: Seconds since the first frame if it is a webcam's.
        """
        if "png" in self.kinds:
            if not self._has_meta:
                self._write_meta(prediction)
            self._write_png(prediction)
        if "npz" in self.kinds:
            self._write_npz(prediction)
        if {"panel", "video"} & set(self.kinds):
            self._write_panel(prediction, fps, time)

    def close(self) -> None:
        """Finish the video."""
        if self._video is not None:
            self._video[1].close()
            self._video = None

    def _file(self, folder: str, name: str, suffix: str) -> Path:
        path = self.out / folder / f"{name}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _ensure_own_folder(self) -> None:
        """Refuse a folder in the common layout that no prediction of these classes has written."""
        file = self.out / "meta.json"
        meta: Any = {}
        if file.is_file():
            try:
                meta = json.loads(file.read_text(encoding="utf-8"))
            except ValueError as error:
                raise OutputPathError(
                    f"'{file}' is no JSON ({error}); choose another folder for the predictions."
                ) from error
        if not (isinstance(meta, dict) and meta.get("predicted")):
            if not file.is_file() and not any((self.out / name).exists() for name in _LAYOUT):
                return
            raise OutputPathError(
                f"'{self.out}' holds a data set, whose {', '.join(_LAYOUT)} the predictions would "
                "overwrite; choose another folder."
            )
        for key in ("classes", "scenes"):
            before, names = meta.get(key), self.dataset_meta.get(key)
            if before and names and list(names) != before:
                raise OutputPathError(
                    f"'{self.out}' holds predictions with the {key} {', '.join(before)}, but this "
                    f"network has {', '.join(names)}; choose another folder."
                )

    def _write_meta(self, prediction: Prediction) -> None:
        """What the PNG files hold, as far as there are any."""
        fields = prediction.fields
        meta: dict[str, Any] = {"predicted": True}
        if "pred_sem_seg" in fields and self.dataset_meta.get("classes"):
            meta["classes"] = list(self.dataset_meta["classes"])
        if prediction.confidence is not None:
            meta["confidence"] = "softmax probability of the class x 255, 8 bit"
        if "pred_depth_map" in fields:
            meta["depth_scale"] = DEPTH_SCALE
            meta["depth"] = f"metres x {DEPTH_SCALE}, 16 bit"
        if "pred_normal_map" in fields:
            meta["normal"] = f"{NORMAL_CODING}; {NORMAL_AXES}"
        if "scene" in prediction.maps and self.dataset_meta.get("scenes"):
            meta["scenes"] = list(self.dataset_meta["scenes"])
        with atomic_write(self.out / "meta.json", "w") as file:
            json.dump(meta, file, indent=1)
        self._has_meta = True

    def _write_png(self, prediction: Prediction) -> None:
        for folder, array in _png_arrays(prediction).items():
            with atomic_write(self._file(folder, prediction.name, ".png")) as file:
                file.write(png_bytes(array))
        scene = prediction.maps.get("scene")
        if scene is not None:
            names = self.dataset_meta.get("scenes")
            text = str(scene) if names is None else str(names[int(scene)])
            with atomic_write(self._file("scene", prediction.name, ".txt"), "w") as file:
                file.write(f"{text}\n")

    def _write_npz(self, prediction: Prediction) -> None:
        arrays: dict[str, Any] = dict(prediction.maps)
        if prediction.confidence is not None:
            arrays["confidence"] = prediction.confidence
        with atomic_write(self._file("npz", prediction.name, ".npz")) as file:
            np.savez_compressed(file, **arrays)

    def _write_panel(self, prediction: Prediction, fps: float | None, time: float | None) -> None:
        picture = prediction.panel(self.dataset_meta)
        if "panel" in self.kinds:
            write_picture(self._file("panel", prediction.name, ".png"), picture)
        if "video" in self.kinds and fps is not None:
            name = prediction.name.rpartition("/")[0]
            if self._video is None or self._video[0] != name:
                self.close()
                path = self._file("video", name, ".mp4")
                self._video = name, PanelVideo(path, fps, picture.shape[:2])
            self._video[1].write(picture, time=time)


def _png_arrays(prediction: Prediction) -> dict[str, np.ndarray]:
    """Maps as they are coded, by folder of the common layout."""
    arrays = {}
    for name, values in prediction.fields.items():
        if name == "pred_sem_seg":
            ids = values[0]
            arrays["label"] = ids.astype(np.uint8 if ids.max() < 256 else np.uint16)
        elif name == "pred_depth_map":
            arrays["depth"] = encode_depth(values[0].clip(0, _LARGEST_DEPTH), scale=DEPTH_SCALE)
        elif name == "pred_normal_map":
            arrays["normal"] = encode_normals(np.moveaxis(values, 0, -1))
    if prediction.confidence is not None:
        arrays["confidence"] = np.rint(prediction.confidence * 255).astype(np.uint8)
    return arrays
