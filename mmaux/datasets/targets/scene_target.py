"""What kind of place an image shows."""

from typing import Any

import numpy as np
import torch
from mmengine import fileio

from mmaux.registry import TASK_UTILS

from .base_target import Target


@TASK_UTILS.register_module()
class SceneTarget(Target):
    """The scene of the whole image, one class: its index among the data set's ``scenes``.

    A file holds the name of the scene. The names are those of the data set's ``metainfo``,
    ``metainfo=dict(scenes=('bedroom', 'study'))``, or of its ``meta.json``.

    Args:
        folder: Folder of the text files.
    """

    task = "scene"
    path_key = "scene_path"
    result_key = "gt_scene"
    sample_field = "gt_scene"
    default_folder = "scene"
    fill_value = 255
    suffixes = (".txt",)

    scenes: tuple[str, ...] = ()

    def bind(self, *, metainfo: dict[str, Any], source_classes: tuple[str, ...]) -> None:
        """Take the names of the scenes.

        Raises:
            ValueError: There are none, one is there twice, or there are too many for 8 bits.
        """
        self.scenes = tuple(metainfo.get("scenes") or ())
        if not self.scenes:
            raise ValueError(
                "the data set has the target 'scene' but no names of scenes; give "
                "metainfo=dict(scenes=(...)) in its config, or scenes in its meta.json."
            )
        if len(set(self.scenes)) != len(self.scenes) or len(self.scenes) > self.fill_value:
            raise ValueError(
                f"scenes: expected at most {self.fill_value} different names, found "
                f"{len(self.scenes)}: {', '.join(self.scenes[:10])}."
            )

    def load(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """Read a scene's index, uint8 of shape (1, 1).

        Raises:
            ValueError: The file does not hold the name of a scene.
        """
        name = fileio.get_text(path, "utf-8-sig", backend_args=backend_args).strip()
        if name not in self.scenes:
            raise ValueError(
                f"{path}: found the scene {name[:40]!r}, expected one of {', '.join(self.scenes)}."
            )
        return np.array([[self.scenes.index(name)]], dtype=np.uint8)

    def to_tensor(self, array: np.ndarray) -> torch.Tensor:
        """The index, (1, 1, 1) int64."""
        return torch.from_numpy(array.astype(np.int64))[None]
