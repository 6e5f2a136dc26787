import numpy as np
import pytest
from mmcv import transforms as mmcv_transforms
from mmengine.config import Config
from trained_network import network_of

from mmaux.datasets import transforms
from mmaux.deploy import ExportMetadata, ImageResize

LOAD = {"type": "mmaux.LoadImageFromFile"}


PACK = {"type": "mmaux.PackMultiTaskInputs"}


def resize_of(*steps: dict) -> ImageResize | None:
    pipeline = [LOAD, *steps, PACK]
    return ImageResize.of(Config({"test_dataloader": {"dataset": {"pipeline": pipeline}}}))


def test_read_from_the_test_pipeline() -> None:
    assert resize_of() is None
    assert ImageResize.of(Config({})) is None
    step = {"type": "mmaux.Resize", "scale": (160, 120), "keep_ratio": True}
    assert resize_of(step) == ImageResize((160, 120), True)
    assert resize_of({"type": "mmcv.Resize", "scale": 64}) == ImageResize((64, 64), False)
    in_python = {**step, "type": transforms.Resize}
    assert resize_of(in_python) == ImageResize((160, 120), True)
    only = Config({"test_pipeline": [LOAD, step, PACK]})
    assert ImageResize.of(only) == ImageResize((160, 120), True)


@pytest.mark.parametrize(
    "steps",
    [
        [{"type": "mmaux.Resize", "scale_factor": 0.5}],
        [{"type": "mmaux.Resize", "scale": (160, 120), "interpolation": "nearest"}],
        [{"type": "mmaux.Resize", "scale": scale} for scale in ((60, 80), (160, 120))],
        [{"type": "mmseg.ResizeShortestEdge", "scale": 120, "max_size": 999}],
        [{"type": "mmcv.CenterCrop", "crop_size": (256, 256)}],
        [{"type": "mmseg.RGB2Gray"}],
        [{"type": mmcv_transforms.Resize, "scale": (160, 120), "interpolation": "bicubic"}],
    ],
    ids=lambda steps: str(steps[0]["type"]),
)
def test_what_a_file_cannot_carry(steps: list[dict]) -> None:
    with pytest.raises(ValueError, match="than an exported file, which"):
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
