"""What the data side knows about one kind of ground truth."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import torch
from mmengine.structures import BaseDataElement, LabelData, PixelData


class Target(ABC):
    """One kind of ground truth: its files and its invalid value.

    A target of this class belongs to the image as a whole; cropping, flipping and resizing leave
    it alone. One with a value for every pixel is a :class:`DenseTarget`. A new task is a subclass
    of either, named in a data set's ``targets``.

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
    element_type: ClassVar[type[BaseDataElement]] = LabelData
    """What the data sample holds it in."""
    default_folder: ClassVar[str]
    fill_value: ClassVar[float]
    """Value of what is invalid, and of padding."""
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

        A target of the image as a whole is an array of one pixel, (1, 1).

        Raises:
            ValueError: The file holds impossible values; the message names it.
        """

    def read(self, path: str, *, backend_args: dict[str, Any] | None = None) -> np.ndarray:
        """What the pipeline carries from loading to packing; by default :meth:`load`'s array.

        A target may hand on the codes of its files instead, so that only what is left of them
        after cropping is decoded. The methods below must then accept codes and values.
        """
        return self.load(path, backend_args=backend_args)

    @abstractmethod
    def to_tensor(self, array: np.ndarray) -> torch.Tensor:
        """The array as a tensor (C, H, W) of the data sample's type."""


class DenseTarget(Target):
    """Ground truth with a value for every pixel: it follows the geometry of the picture.

    The pipeline's transforms sample every dense target with nearest neighbours, exactly alike, and
    then let the target adapt its *values* to the change of geometry.
    """

    element_type = PixelData

    def resized(self, array: np.ndarray, scale: float) -> np.ndarray:
        """Adapt values after the image was enlarged ``scale`` times."""
        return array

    def flipped(self, array: np.ndarray, direction: str) -> np.ndarray:
        """Adapt values after a flip: ``horizontal``, ``vertical`` or ``diagonal``."""
        return array

    def rotated(self, array: np.ndarray, degrees: float) -> np.ndarray:
        """Adapt values after the picture was turned clockwise by ``degrees``."""
        return array
