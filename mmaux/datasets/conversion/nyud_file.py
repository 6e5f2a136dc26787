"""Reading the official ``nyu_depth_v2_labeled.mat``, one frame at a time."""

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from .matlab_hdf5 import MatlabHDF5File

# name: (kinds of dtype, what a frame's axes are; MATLAB's order is the reverse of HDF5's)
_ARRAYS = {
    "images": ("u", ("3", "W", "H")),
    "depths": ("f", ("W", "H")),
    "rawDepths": ("f", ("W", "H")),
    "labels": ("iu", ("W", "H")),
}
_EXPECTED = "expected the official nyu_depth_v2_labeled.mat (MATLAB 7.3, which is HDF5)"
_OLDER_HINT = (
    "as splits.mat is: if you meant that, give it to --splits; if you saved the data set anew, "
    "save it with -v7.3"
)


@dataclass(frozen=True)
class NYUDFrame:
    """One frame as the file holds it, axes turned to (H, W).

    Attributes:
        number: Official id, counted from 1.
        image: RGB uint8 (H, W, 3).
        depth: Metres, float32 (H, W), holes filled in.
        raw_depth: Metres, float32 (H, W), holes 0.
        labels: Ids of the 894 classes, (H, W), 0 = unlabelled.
    """

    number: int
    image: np.ndarray
    depth: np.ndarray
    raw_depth: np.ndarray
    labels: np.ndarray


class NYUDFile(MatlabHDF5File):
    """The open file; a context manager. Only the frame that is asked for is in memory.

    Args:
        path: The ``.mat`` file.

    Attributes:
        frames: Number of frames.
        image_size: (H, W).

    Raises:
        ValueError: If the file is missing, of another kind or incomplete, or its arrays are.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path, expected=_EXPECTED, older_hint=_OLDER_HINT)

    def check(self) -> None:
        """Compare shapes and types of the arrays with each other and the official ones."""
        self.frames, self.image_size = self._check_arrays()

    def read(self, number: int) -> NYUDFrame:
        """Read the frame with the official id ``number`` (counted from 1), unchecked."""
        index = number - 1
        try:
            return NYUDFrame(
                number=number,
                image=np.ascontiguousarray(self._file["images"][index].transpose(2, 1, 0)),
                depth=np.ascontiguousarray(self._file["depths"][index].T, dtype=np.float32),
                raw_depth=np.ascontiguousarray(self._file["rawDepths"][index].T, dtype=np.float32),
                labels=np.ascontiguousarray(self._file["labels"][index].T),
            )
        except OSError as error:
            raise ValueError(
                f"{self.path}: frame {number} cannot be read ({error}). The file is damaged: "
                "get it again."
            ) from error

    def _check_arrays(self) -> tuple[int, tuple[int, int]]:
        shapes = {}
        for name, (kinds, axes) in _ARRAYS.items():
            array = self._file.get(name)
            if not isinstance(array, h5py.Dataset):
                found = sorted(key for key in self._file if not key.startswith("#"))
                raise ValueError(f"{self.path}: lacks the array {name!r}; {_EXPECTED}, {found=}.")
            if array.ndim != len(axes) + 1 or array.dtype.kind not in kinds:
                raise ValueError(
                    f"{self.path}: {name!r} has shape {array.shape} and type {array.dtype}; "
                    f"{_EXPECTED}, with (N, {', '.join(axes)})."
                )
            shapes[name] = array.shape
        frames, width, height = shapes["depths"]
        for name, (_, axes) in _ARRAYS.items():
            sizes = {"3": 3, "W": width, "H": height}
            wanted = (frames, *(sizes[axis] for axis in axes))
            if shapes[name] != wanted:
                raise ValueError(
                    f"{self.path}: {name!r} has shape {shapes[name]}, expected {wanted} as "
                    f"(N, {', '.join(axes)}), since 'depths' has {shapes['depths']} as (N, W, H)."
                )
        if self._file["images"].dtype != np.uint8:
            raise ValueError(
                f"{self.path}: 'images' has type {self._file['images'].dtype}, expected uint8."
            )
        if frames == 0:
            raise ValueError(f"{self.path}: holds no frame.")
        return frames, (height, width)
