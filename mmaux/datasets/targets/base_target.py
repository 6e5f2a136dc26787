"""What the data side knows about one kind of dense ground truth."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch


class DenseTarget(ABC):
    """One kind of dense ground truth: its files, its invalid value and its geometry.

    The pipeline's transforms sample every target with nearest neighbours, exactly alike, and then
    let the target adapt its *values* to the change of geometry. A new task is a subclass, named in
    a data set's ``targets``.

    Args:
        folder: Folder of the files under the data root; the class's ``default_folder`` if not
            given.
    """

    task: ClassVar[str]
    """Name of the task, as in the model's ``heads``."""
    path_key: ClassVar[str]
    """Key of the file in the pipeline's results."""
    result_key: ClassVar[str]
    """Key of the array in the pipeline's results."""
    sample_field: ClassVar[str]
    """Field of the data sample."""
    default_folder: ClassVar[str]
    fill_value: ClassVar[float]
    """Value of invalid pixels and of padding."""
    suffixes: ClassVar[tuple[str, ...]] = (".png",)

    def __init__(self, folder: str | None = None) -> None:
        self.folder = self.default_folder if folder is None else folder

    def bind(self, *, metainfo: dict[str, Any], source_classes: tuple[str, ...]) -> None:  # noqa: B027
        """Take what the target needs from its data set's meta information.

        Args:
            metainfo: The data set's ``metainfo`` and, under ``layout``, the content of its
                ``meta.json``.
            source_classes: Class names that the label files use.
        """

    @abstractmethod
    def load(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """Read a file into an array (H, W) or (H, W, C), values in their final unit.

        Raises:
            ValueError: The file holds impossible values; the message names it.
        """

    def read(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """What the pipeline carries from loading to packing; by default :meth:`load`'s array.

        A target may hand on the codes of its files instead, so that only what is left of them
        after cropping is decoded. The methods below must then accept codes and values.
        """
        return self.load(path, backend_args=backend_args)

    def resized(self, array: np.ndarray, scale: float) -> np.ndarray:
        """Adapt values after the image was enlarged ``scale`` times."""
        return array

    def flipped(self, array: np.ndarray, direction: str) -> np.ndarray:
        """Adapt values after a flip: ``horizontal``, ``vertical`` or ``diagonal``."""
        return array

    def rotated(self, array: np.ndarray, degrees: float) -> np.ndarray:
        """Adapt values after the picture was turned clockwise by ``degrees``."""
        return array

    @abstractmethod
    def to_tensor(self, array: np.ndarray) -> torch.Tensor:
        """The array as a tensor (C, H, W) of the data sample's type."""
