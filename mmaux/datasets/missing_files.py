"""What to do about a file that is not where a data set expects it."""

import os
import os.path as osp
from functools import lru_cache
from pathlib import Path

from .targets import Target

_MAX_NAMES = 10


def folders_in(root: str) -> str:
    """The folders below ``root``, as the object of a sentence."""
    names = sorted(path.name for path in Path(root).iterdir() if path.is_dir())
    if not names:
        return "no folder"
    more = ", ..." if len(names) > _MAX_NAMES else ""
    return f"the folders {', '.join(names[:_MAX_NAMES])}{more}"


def files_of_stem(path: str) -> list[str]:
    """Names of the files whose path without the suffix is ``path``, of a local folder."""
    folder, stem = osp.split(path)
    if not osp.isdir(folder):
        return []
    return list(_names_by_stem(folder, os.stat(folder).st_mtime_ns).get(stem, ()))


@lru_cache(maxsize=8)
def _names_by_stem(folder: str, modified: int) -> dict[str, list[str]]:
    """The names in a folder by their stems; ``modified`` is part of the cache's key only."""
    names: dict[str, list[str]] = {}
    for name in sorted(os.listdir(folder)):
        names.setdefault(osp.splitext(name)[0], []).append(name)
    return names


def missing_target_folder(path: str, target: Target, *, data_root: str) -> str | None:
    """The target's folder, where ``path`` is missing because the data set lacks the folder."""
    folder = osp.join(data_root, target.folder)
    is_lacking = osp.isdir(data_root) and not osp.isdir(folder)
    return folder if is_lacking and path.startswith(osp.join(folder, "")) else None


def fix_of_missing_target(
    path: str, target: Target, *, data_root: str, otherwise: str = "restore the file"
) -> str:
    """What brings a missing target's file, as an imperative.

    Args:
        path: Where the file was expected.
        target: Whose file it is.
        data_root: Folder of the data set.
        otherwise: The fix where nothing else is there in the file's place.
    """
    if missing_target_folder(path, target, data_root=data_root):
        return (
            f"name the folder of these files, targets=dict({target.task}=dict(folder=...)) "
            f"({data_root} holds {folders_in(data_root)})"
        )
    others = [
        name
        for name in files_of_stem(osp.splitext(path)[0])
        if osp.splitext(name)[1] not in target.suffixes
    ]
    if others:
        suffixes = " or ".join(target.suffixes)
        return f"convert {others[0]}, which lies there, to the accepted {suffixes}"
    return otherwise
