"""Official train and test lists, from MATLAB or JSON."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.io import loadmat

_MAT_FIELDS = {"train": "trainNdxs", "test": "testNdxs"}


def read_splits(path: str | Path) -> dict[str, list[int]]:
    """Read the frame ids, counted from 1, of ``train`` and ``test``.

    Args:
        path: ``.mat`` (MATLAB 5, fields ``trainNdxs`` and ``testNdxs``) or JSON
            ``{"train": [...], "test": [...]}``.

    Raises:
        ValueError: If the file is missing, is neither, lacks a list, or one is no list of
            integers.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: no such splits file (--splits).")
    try:
        if path.suffix == ".mat":
            content = loadmat(path)
            fields = _MAT_FIELDS
        else:
            content = json.loads(path.read_text())
            fields = {name: name for name in _MAT_FIELDS}
    except Exception as error:  # loadmat raises about any type on a file that is none
        raise ValueError(
            f"{path}: cannot be read as splits ({error}). Expected a MATLAB 5 .mat file such as "
            'the official splits.mat, or JSON {"train": [...], "test": [...]}.'
        ) from error
    splits = {}
    for name, field in fields.items():
        if not isinstance(content, dict):
            raise ValueError(f"{path}: lacks {field!r}, found a {type(content).__name__}.")
        if field not in content:
            found = sorted(key for key in content if not key.startswith("__"))
            raise ValueError(f"{path}: lacks {field!r}, found {found}.")
        splits[name] = _integers(content[field], where=f"{path}: {field}")
    return splits


def check_splits(splits: Mapping[str, Sequence[int]], *, frames: int, where: str) -> None:
    """Refuse empty lists, repeated ids, and ids that the data lacks.

    Args:
        splits: Ids counted from 1, by name of the list.
        frames: Number of frames.
        where: What the message shall name.

    Raises:
        ValueError: With the list, the id and the probable mistake.
    """
    for name, ids in splits.items():
        if not ids:
            raise ValueError(f"{where}: the split {name!r} is empty.")
        if min(ids) < 0 or max(ids) > frames:
            wrong = min(ids) if min(ids) < 0 else max(ids)
            raise ValueError(
                f"{where}: the split {name!r} names frame {wrong}, but the data has the frames 1 "
                f"to {frames}. Give the list that belongs to this file (--splits)."
            )
        if min(ids) == 0:
            raise ValueError(
                f"{where}: the split {name!r} names frame 0, but ids count from 1, as in MATLAB, "
                f"up to {frames}. The list seems to count from 0: add 1 to every id."
            )
        if len(set(ids)) != len(ids):
            repeated = next(i for i in ids if ids.count(i) > 1)
            raise ValueError(f"{where}: the split {name!r} names frame {repeated} twice.")


def _integers(values: object, *, where: str) -> list[int]:
    array = np.asarray(values).reshape(-1)
    if array.size and array.dtype.kind == "f" and (array == np.rint(array)).all():
        array = array.astype(np.int64)  # MATLAB's default type is double
    if array.size and array.dtype.kind not in "iu":
        raise ValueError(f"{where}: expected a list of integer frame ids, found {array.dtype}.")
    return [int(value) for value in array]
