"""Opening MATLAB 7.3 files, which are HDF5, with errors that say what is wrong with them."""

from pathlib import Path

import h5py


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
