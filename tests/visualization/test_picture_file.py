from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmaux.visualization import write_picture


def test_colours_survive_nearly(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 200).astype(np.uint8)
    picture = np.stack([np.tile(ramp, (50, 1)), np.full((50, 200), 80, np.uint8)] * 2, -1)[..., :3]
    write_picture(tmp_path / "ramp.png", picture)
    image = Image.open(tmp_path / "ramp.png")
    assert image.mode == "P"
    read = np.asarray(image.convert("RGB")).astype(int)
    assert read.shape == picture.shape
    assert np.abs(read - picture).mean() < 2


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pictures are written as PNG"):
        write_picture(tmp_path / "a.jpg", np.zeros((4, 4, 3), np.uint8))
