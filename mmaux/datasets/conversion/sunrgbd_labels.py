"""The 37-class labels of SUN RGB-D, one frame at a time."""

from pathlib import Path

import h5py
import numpy as np

from mmaux.datasets.sunrgbd import sunrgbd_facts

from .matlab_hdf5 import MatlabHDF5File

_EXPECTED = "expected the official SUNRGBD2Dseg.mat (MATLAB 7.3, which is HDF5)"


class SUNRGBDLabels(MatlabHDF5File):
    """The open ``SUNRGBD2Dseg.mat``; a context manager. Loading all of it would take 64 GB.

    It is the one official source of 37-class labels: a struct array with, for every frame in the
    order of ``SUNRGBDMeta``, a map ``seglabel`` of positions in ``seg37list``, counted from 1,
    0 = unlabelled. The ``seg.mat`` beside each frame holds the annotators' own names instead
    (thousands of spellings), which no official table maps to the 37 classes.

    Args:
        path: The file.

    Attributes:
        frames: Number of frames.

    Raises:
        ValueError: If the file is missing, of another kind or incomplete, or its classes are
            other ones.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(
            path, expected=_EXPECTED, older_hint="give the one of SUNRGBDtoolbox/Metadata"
        )

    def check(self) -> None:
        """Find the label maps and compare the names of the classes."""
        self._maps = self._find_maps()
        self._check_classes()
        self.frames = len(self._maps)

    def has(self, index: int) -> bool:
        """Whether the frame at ``index`` (from 0) has a label map."""
        reference = self._maps[index]
        return bool(reference) and "MATLAB_empty" not in self._file[reference].attrs

    def read(self, index: int) -> np.ndarray | None:
        """Labels 0 to 37 of the frame at ``index`` (from 0), uint8 (H, W); None if it has none.

        Raises:
            ValueError: If they cannot be read or are no such labels.
        """
        if not self.has(index):
            return None
        where = f"{self.path}: 'seglabel' of frame {index + 1}"
        try:
            labels = self._file[self._maps[index]][:]
        except OSError as error:
            raise ValueError(
                f"{where} cannot be read ({error}). The file is damaged: get it again."
            ) from error
        classes = len(sunrgbd_facts()["classes37"])
        if labels.ndim != 2 or labels.dtype.kind not in "iuf":
            raise ValueError(
                f"{where} has shape {labels.shape} and type {labels.dtype}, expected (W, H) of "
                "numbers."
            )
        wrong = ~((labels >= 0) & (labels <= classes) & (labels == np.rint(labels)))
        if wrong.any():
            raise ValueError(
                f"{where} holds {labels[wrong][0]}, expected class ids 0 (unlabelled) to "
                f"{classes}. Give the official file."
            )
        return np.ascontiguousarray(labels.T, dtype=np.uint8)

    def _find_maps(self) -> np.ndarray:
        group = self._file.get("SUNRGBD2Dseg")
        maps = group.get("seglabel") if isinstance(group, h5py.Group) else None
        if not isinstance(maps, h5py.Dataset) or maps.dtype != h5py.ref_dtype:
            found = sorted(key for key in self._file if not key.startswith("#"))
            raise ValueError(
                f"{self.path}: lacks the struct array 'SUNRGBD2Dseg' with the field 'seglabel'; "
                f"{_EXPECTED}, {found=}."
            )
        return maps[:].ravel()

    def _check_classes(self) -> None:
        """The file may repeat the names; they must then be the ones that ids are read with."""
        names = self._file.get("seg37list")
        if not isinstance(names, h5py.Dataset) or names.dtype != h5py.ref_dtype:
            return
        found = ["".join(map(chr, self._file[name][:].ravel())) for name in names[:].ravel()]
        expected = sunrgbd_facts()["classes37"]
        if found != expected:
            first = next(
                (pair for pair in zip(found, expected, strict=False) if pair[0] != pair[1]),
                (f"{len(found)} names", f"{len(expected)}"),
            )
            raise ValueError(
                f"{self.path}: 'seg37list' has {first[0]!r} where {first[1]!r} is expected; its "
                "ids have another meaning. Give the official file."
            )
