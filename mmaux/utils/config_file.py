"""Configs by file or by name."""

import difflib
import os
from pathlib import Path

from mmengine.config import Config
from mmengine.hub import get_config

_SUFFIXES = (".py", ".yml", ".yaml", ".json")


def read_config(name: str | os.PathLike[str]) -> Config:
    """Read a config.

    Args:
        name: A file, or an installed package's config as ``_base_`` names it:
            ``mmaux::auxi_both_mbv2_nyud.py``.

    Returns:
        Config: Its ``filename`` is the file that was read.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no config by its name, or the name's package is not one that mmengine
            knows.
    """
    text = str(name)
    if not text.endswith(_SUFFIXES):
        raise ValueError(
            f"'{text}' is no config, which is a file in {', '.join(_SUFFIXES)}; a command's config "
            "comes before its checkpoint."
        )
    try:
        return get_config(text) if "::" in text else Config.fromfile(name)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{error}{_similar(text)}") from error


def _similar(name: str) -> str:
    """Names that may have been meant, as the end of a sentence."""
    package, colons, file = name.partition("::")
    if colons:
        folder = Path(__file__).parents[1] / ".mim" / "configs"
        known = [path.relative_to(folder).as_posix() for path in folder.rglob("*.py")]
        known = known if package == "mmaux" else []
    else:
        file = Path(name).name
        parent = Path(name).parent
        known = [path.name for path in parent.iterdir()] if parent.is_dir() else []
        known = [entry for entry in known if entry.endswith(_SUFFIXES)]
    found = difflib.get_close_matches(file, known, n=3)
    return f"; did you mean {' or '.join(found)}?" if found else ""
