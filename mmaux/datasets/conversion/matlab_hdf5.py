"""Opening MATLAB 7.3 files, which are HDF5, with errors that say what is wrong with them."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import h5py

from mmaux.utils.files import file_fingerprint

Source = TypeVar("Source", bound="MatlabHDF5File")


class MatlabHDF5File(ABC):
    """An open MATLAB 7.3 file that is what it should be; a context manager.

    Args:
        path: The file.
        expected: What the messages say was expected.
        older_hint: What they add to "It is an older MATLAB 5 file, ".

    Raises:
        ValueError: If the file is missing, of another kind, damaged, or fails :meth:`check`.
    """

    def __init__(self, path: str | Path, *, expected: str, older_hint: str) -> None:
        self.path = Path(path)
        self._file = open_matlab_hdf5(self.path, expected=expected, older_hint=older_hint)
        try:
            self.check()
        except BaseException:
            self.close()
            raise

    @abstractmethod
    def check(self) -> None:
        """Look whether the arrays are the expected ones, and keep what reading needs.

        Raises:
            ValueError: They are not.
        """

    def fingerprint(self) -> str:
        """Which file this is, whatever its name."""
        return file_fingerprint(self.path)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self: Source) -> Source:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_matlab_hdf5(path: Path, *, expected: str, older_hint: str) -> h5py.File:
    """Open a MATLAB 7.3 file for reading.

    Args:
        path: The file.
        expected: What the messages say was expected.
        older_hint: What they add to "It is an older MATLAB 5 file, ".

    Raises:
        ValueError: If it is missing, of another kind, or damaged.
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such file; {expected}.")
    if not h5py.is_hdf5(path):
        with open(path, "rb") as file:
            start = file.read(128).lstrip()
        hint = "It is not a MATLAB file."
        if start.startswith(b"MATLAB 5.0"):
            hint = f"It is an older MATLAB 5 file, {older_hint}."
        elif start.startswith(b"MATLAB 7.3"):
            hint = "It begins as MATLAB 7.3 but holds no HDF5: the copy is damaged, get it again."
        elif start[:1] == b"<":
            hint = "It is a web page: the download failed, get the file again."
        raise ValueError(f"{path}: {expected}. {hint}")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise ValueError(
            f"{path}: HDF5, but it cannot be opened ({error}). If it says 'truncated', the "
            "download is incomplete: get the file again."
        ) from error
