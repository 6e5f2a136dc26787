"""Where the package's own configs and tools lie."""

from pathlib import Path

_CONTENT = Path(__file__).resolve().parents[1] / ".mim"

CONFIGS = _CONTENT / "configs"
TOOLS = _CONTENT / "tools"
"""The folders of the checkout, to which ``.mim`` has links there; copies in an installation."""

PREFIX = "mmaux::"
"""Begins the name of a shipped file, given relative to the folder of configs."""


def find_shipped(name: str) -> Path:
    """A shipped file by its name.

    Args:
        name: ``mmaux::`` and the path relative to the folder of configs, such as
            ``mmaux::architectures/auxi_mbv2_rooms.json``.

    Raises:
        ValueError: There is no such file; the message lists its neighbours.
    """
    path = CONFIGS / name.removeprefix(PREFIX)
    if not path.is_file():
        neighbours = sorted(path.parent.glob(f"*{path.suffix}"))
        known = [f"{PREFIX}{p.relative_to(CONFIGS)}" for p in neighbours]
        raise ValueError(f"mmaux ships no {name!r}; there are {known}.")
    return path
