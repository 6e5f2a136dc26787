import numpy as np
import pytest
from mmengine.config import Config
from trained_network import network_of

from mmaux.deploy import ExportMetadata, ImageResize

LOAD = {"type": "mmaux.LoadImageFromFile"}


def resize_of(*steps: dict) -> ImageResize | None:
    return ImageResize.of(Config({"test_dataloader": {"dataset": {"pipeline": [LOAD, *steps]}}}))


def test_read_from_the_test_pipeline() -> None:
    assert resize_of() is None
    assert ImageResize.of(Config({})) is None
    step = {"type": "mmaux.Resize", "scale": (160, 120), "keep_ratio": True}
    assert resize_of(step) == ImageResize((160, 120), True)
    assert resize_of({"type": "Resize", "scale": 64}) == ImageResize((64, 64), False)
    only = Config({"test_pipeline": [LOAD, step]})
    assert ImageResize.of(only) == ImageResize((160, 120), True)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([{"type": "mmaux.Resize", "scale_factor": 0.5}], "1 Resize, the first with scale=None"),
        (2 * [{"type": "mmaux.Resize", "scale": (8, 8)}], r"2 Resize, the first with scale=\(8, 8"),
    ],
)
def test_what_a_file_cannot_carry(steps: list[dict], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resize_of(*steps)


def test_factors_are_those_of_depth() -> None:
    image = np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    resized, factor = ImageResize((160, 120), True)(image)
    assert (resized.shape, factor) == ((120, 160, 3), 0.25)
    resized, factor = ImageResize((160, 160), True)(image)
    assert (resized.shape, factor) == ((120, 160, 3), 0.25)
    resized, factor = ImageResize((640, 120), False)(image)
    assert (resized.shape, factor) == ((120, 640, 3), 0.5)


def test_travels_in_the_description() -> None:
    metadata = ExportMetadata.of(
        network_of("baseline"),
        classes=(),
        complete=True,
        size=None,
        resize=ImageResize((8, 6), True),
    )
    assert ExportMetadata.from_json(metadata.to_json()) == metadata
