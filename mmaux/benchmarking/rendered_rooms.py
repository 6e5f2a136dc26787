"""Data for benchmarks: rooms in a temporary folder."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmaux.datasets.conversion.rooms import render_rooms


@contextmanager
def rendered_rooms(*, size: tuple[int, int], train: int, test: int) -> Iterator[str]:
    """Render synthetic rooms in the common layout; they are removed at the end.

    Args:
        size: (H, W) in pixels.
        train: Images of ``splits/train.txt``.
        test: Images of ``splits/test.txt``.

    Yields:
        The data set's folder.

    Raises:
        ValueError: A number is out of range.
        ImportError: The ray caster is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="rooms-") as folder:
        root = Path(folder) / "rooms"
        render_rooms(root, train=train, test=test, size=size)
        yield str(root)
