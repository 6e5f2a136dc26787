"""Entries of PyTorch's archives."""

import zipfile
from pathlib import Path


def has_entry(path: Path, name: str) -> bool:
    """Whether a file is a zip archive with ``name`` directly under its only folder."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(entry.partition("/")[2] == name for entry in archive.namelist())
