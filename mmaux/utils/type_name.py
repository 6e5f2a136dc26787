"""Names of what configs build."""

from collections.abc import Mapping
from typing import Any


def type_name(config: Mapping[str, Any]) -> str:
    """The name under ``type`` without its scope; configs in pure Python hold the class itself."""
    kind = config["type"]
    return getattr(kind, "__name__", str(kind)).rpartition(".")[2]
