"""Which frames SUN RGB-D has, in what order and split, from its official toolbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat

SPLIT_FILE = "traintestSUNRGBD/allsplit.mat"
META_FILE = "Metadata/SUNRGBDMeta.mat"
LABEL_FILE = "Metadata/SUNRGBD2Dseg.mat"
_SPLIT_ARRAYS = {"train": "alltrain", "test": "alltest"}
_ROOT = "SUNRGBD/"


@dataclass(frozen=True)
class ToolboxFrame:
    """A frame as the toolbox knows it.

    Attributes:
        name: Its folder below ``SUNRGBD``, such as ``kv1/NYUdata/NYU0001``.
        index: Its place in ``SUNRGBDMeta`` and ``SUNRGBD2Dseg``, from 0.
        image: File name of its colour picture.
        depth: File name of its depth maps, raw and refined.
    """

    name: str
    index: int
    image: str
    depth: str


def frame_name(path: str) -> str:
    """The folder below ``SUNRGBD`` that a path of the authors' machine leads to.

    The toolbox holds paths such as ``/n/fs/sun3d/data/SUNRGBD/kv1/NYUdata/NYU0001/``, some with
    a slash at the end.

    Raises:
        ValueError: If ``SUNRGBD/`` is no part of it.
    """
    _, root, name = path.rpartition(_ROOT)
    if not root or not name.strip("/"):
        raise ValueError(f"found the path {path!r}, expected one below {_ROOT}")
    return "/".join(part for part in name.split("/") if part)


def read_toolbox(toolbox: str | Path) -> tuple[list[ToolboxFrame], dict[str, list[str]]]:
    """Frames of ``SUNRGBDMeta.mat``, and the names in each list of ``allsplit.mat``.

    Args:
        toolbox: The unpacked ``SUNRGBDtoolbox``.

    Returns:
        The frames of the two lists in the order of ``SUNRGBDMeta``, and the names of ``train``
        and ``test`` in theirs.

    Raises:
        ValueError: If a file is missing or of another kind, a listed frame is unknown or listed
            twice.
    """
    folder = Path(toolbox)
    if not folder.is_dir():
        raise ValueError(
            f"{folder}: no such folder; expected the unpacked SUNRGBDtoolbox.zip (--toolbox). "
            "Without it there are neither labels nor the official split: --no-toolbox converts "
            "the frames alone."
        )
    splits = _read_splits(folder / SPLIT_FILE)
    frames = _read_frames(folder / META_FILE)
    known = {frame.name for frame in frames}
    listed: set[str] = set()
    for split, names in splits.items():
        unknown = next((name for name in names if name not in known), None)
        if unknown is not None:
            raise ValueError(
                f"{folder / SPLIT_FILE}: {_SPLIT_ARRAYS[split]!r} lists {unknown!r}, which "
                f"{folder / META_FILE} does not have; both must be of the same toolbox."
            )
        twice = next((name for name in names if name in listed), None)
        if twice is not None or len(set(names)) != len(names):
            twice = twice or next(name for name in names if names.count(name) > 1)
            raise ValueError(f"{folder / SPLIT_FILE}: lists {twice!r} twice; get the file again.")
        listed.update(names)
    return [frame for frame in frames if frame.name in listed], splits


def _read_splits(path: Path) -> dict[str, list[str]]:
    arrays = _load(path, list(_SPLIT_ARRAYS.values()))
    return {
        split: _names(arrays[array].ravel(), where=f"{path}: {array!r}")
        for split, array in _SPLIT_ARRAYS.items()
    }


def _read_frames(path: Path) -> list[ToolboxFrame]:
    structs = _load(path, ["SUNRGBDMeta"])["SUNRGBDMeta"].ravel()
    needed = ("sequenceName", "rgbname", "depthname")
    found = structs.dtype.names or ()
    if not set(needed) <= set(found):
        raise ValueError(
            f"{path}: 'SUNRGBDMeta' has the fields {list(found)}, expected {list(needed)} among "
            "them. Give the official SUNRGBDtoolbox."
        )
    names = _names(structs["sequenceName"], where=f"{path}: 'sequenceName'")
    return [
        ToolboxFrame(name, index, _text(struct["rgbname"]), _text(struct["depthname"]))
        for index, (name, struct) in enumerate(zip(names, structs, strict=True))
    ]


def _load(path: Path, arrays: Sequence[str]) -> dict[str, Any]:
    if not path.is_file():
        raise ValueError(
            f"{path}: no such file; expected it in the official SUNRGBDtoolbox. Unpack "
            "SUNRGBDtoolbox.zip again, or give the folder that holds Metadata and "
            "traintestSUNRGBD (--toolbox)."
        )
    try:
        content = loadmat(path, variable_names=list(arrays))
    except Exception as error:  # loadmat raises about any type on a file that is none
        raise ValueError(
            f"{path}: cannot be read ({error}). Expected a MATLAB 5 file of the official "
            "SUNRGBDtoolbox: get it again."
        ) from error
    for name in arrays:
        if name not in content or not isinstance(content[name], np.ndarray):
            raise ValueError(f"{path}: lacks the array {name!r}; get the official file again.")
    return content


def _names(cells: np.ndarray, *, where: str) -> list[str]:
    try:
        return [frame_name(_text(cell)) for cell in cells]
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def _text(cell: object) -> str:
    """The text in a cell, which loadmat wraps in arrays of one entry."""
    while isinstance(cell, np.ndarray) and cell.size == 1:
        cell = cell.ravel()[0]
    if not isinstance(cell, str):
        raise ValueError(f"found {cell!r}, expected text")
    return cell
