"""Configs by file or by name."""

import os

from mmengine.config import Config
from mmengine.hub import get_config


def read_config(name: str | os.PathLike[str]) -> Config:
    """Read a config.

    Args:
        name: A file, or an installed package's config as ``_base_`` names it:
            ``mmaux::auxi_both_mbv2_nyud.py``.

    Returns:
        Config: Its ``filename`` is the file that was read.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The name's package is not one that mmengine knows.
    """
    return get_config(str(name)) if "::" in str(name) else Config.fromfile(name)
