"""The folder of a data set whose labels a network writes."""

import json
from pathlib import Path
from typing import Any

from .writer import write_atomically

IGNORE_INDEX = 255
_SUFFIXES = (".jpg", ".jpeg", ".png")


def find_images(folder: Path) -> dict[str, Path]:
    """Image files by stem, which is the path below the folder without its suffix.

    Raises:
        ValueError: If there is none, or two share a stem.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder of images (--images).")
    stems: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in _SUFFIXES or path.name.startswith("."):
            continue
        stem = path.relative_to(folder).with_suffix("").as_posix()
        if stem in stems:
            raise ValueError(f"{path}: {stems[stem].name} has the same stem; rename one.")
        stems[stem] = path
    if not stems:
        raise ValueError(f"{folder}: no image ({', '.join(_SUFFIXES)}) in it (--images).")
    return stems


def label_file(out: Path, stem: str) -> Path:
    """Where an image's labels are written."""
    return out / "label" / f"{stem}.png"


def claim_folder(out: Path, *, classes: tuple[str, ...], origin: dict[str, Any]) -> None:
    """Note in ``meta.json`` where the labels come from, and make ``label``.

    Whatever else ``meta.json`` says (``depth_scale``, ``intrinsics``) is kept.

    Args:
        out: Folder of the data set.
        classes: The network's classes.
        origin: What all labels of the folder must share.

    Raises:
        ValueError: If the folder holds labels of another origin, or its data other classes.
    """
    path = out / "meta.json"
    try:
        meta = json.loads(path.read_text()) if path.is_file() else {}
        earlier = meta.get("pseudo_labels")
        named = meta.get("classes")
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path}: not a JSON object ({error}); correct it.") from error
    if named is not None and list(named) != list(classes):
        raise ValueError(
            f"{path}: names {len(named)} classes, of which {named[:3]} are the first, but the "
            f"network has {len(classes)}, {list(classes[:3])} first. Give another --out."
        )
    if earlier is not None and earlier != origin:
        name = next(key for key in origin if earlier.get(key) != origin[key])
        raise ValueError(
            f"{path}: already holds pseudo-labels with {name} = {earlier.get(name)}; this run has "
            f"{name} = {origin[name]}. Give another --out, or delete {out / 'label'} and the "
            "entry pseudo_labels."
        )
    folder = out / "label"
    if earlier is None and folder.is_dir() and any(folder.iterdir()):
        raise ValueError(
            f"{folder}: already holds labels that are not of this command. Give another --out."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for temporary in folder.rglob(".*.tmp"):  # of a run that was killed
        temporary.unlink()
    content = {
        **meta,
        "classes": list(classes),
        "ignore_index": IGNORE_INDEX,
        "pseudo_labels": origin,
    }
    write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())
