from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from nyud_official import Scene, write_official


@pytest.fixture
def make_mat(tmp_path: Path) -> Callable[..., Scene]:
    """Make a file in the layout of the official one; its arrays can be overridden."""

    def make(frames: int = 3, *, name: str = "nyu.mat", **override: np.ndarray | None) -> Scene:
        return write_official(tmp_path / name, frames, **override)

    return make


@pytest.fixture
def splits_json(tmp_path: Path) -> Path:
    """A split that fits three frames."""
    path = tmp_path / "splits.json"
    path.write_text('{"train": [1, 3], "test": [2]}')
    return path
