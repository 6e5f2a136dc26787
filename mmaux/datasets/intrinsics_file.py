"""Camera matrices in text files."""

from pathlib import Path

import numpy as np


def read_intrinsics_file(path: Path) -> list[list[float]]:
    """Read a 3x3 camera matrix: nine numbers, separated by white space.

    Raises:
        ValueError: It holds anything else.
    """
    words = path.read_text().split()
    try:
        return np.array(words, dtype=float).reshape(3, 3).tolist()
    except ValueError as error:
        raise ValueError(
            f"{path}: expected nine numbers (3x3), found {len(words)} words ({error})."
        ) from error
