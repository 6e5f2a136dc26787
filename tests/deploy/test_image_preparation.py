from typing import Any

import pytest
import torch
from mmseg.structures import SegDataSample
from trained_network import photographs

from mmaux.deploy import ImagePreparation
from mmaux.models.data_preprocessor import MultiTaskDataPreProcessor


def test_values_by_hand() -> None:
    preparation = ImagePreparation((1.0, 2.0, 3.0), (2.0, 4.0, 5.0), "rgb", 4, -7.0)
    image = torch.tensor([11, 22, 33], dtype=torch.uint8).expand(1, 2, 3, 3)
    inputs = preparation.normalise(image)
    assert inputs.shape == (1, 3, 2, 3)
    assert inputs[0, :, 1, 2].tolist() == [5.0, 5.0, 6.0]
    padded = preparation.pad(inputs)
    assert padded.shape == (1, 3, 4, 4)
    assert (padded[:, :, :2, :3] == inputs).all()
    assert (padded[:, :, 2:] == -7).all()
    assert (padded[..., 3] == -7).all()
    assert torch.equal(preparation.crop(padded, 2, 3), inputs)


@pytest.mark.parametrize("size", [(64, 96), (33, 50)])
@pytest.mark.parametrize(
    "settings",
    [
        {"mean": [1.0, 20.0, 30.5], "std": [3.0, 40.0, 50.5], "bgr_to_rgb": True},
        {"mean": [1.0, 20.0, 30.5], "std": [3.0, 40.0, 50.5]},
        {"test_cfg": {"size_divisor": 32}, "pad_val": 9},
    ],
)
def test_same_bits_as_the_preprocessor(settings: dict[str, Any], size: tuple[int, int]) -> None:
    preprocessor = MultiTaskDataPreProcessor(**settings)
    images = torch.from_numpy(photographs(2, size))
    as_loaded = images.flip(-1).permute(0, 3, 1, 2)  # BGR
    samples = [SegDataSample(metainfo={"img_shape": size}) for _ in images]
    expected = preprocessor({"inputs": list(as_loaded), "data_samples": samples})["inputs"]
    preparation = ImagePreparation.of(preprocessor)
    assert torch.equal(preparation.pad(preparation.normalise(images)), expected)


def test_padding_to_a_size_is_refused() -> None:
    preprocessor = MultiTaskDataPreProcessor(test_cfg={"size": (64, 64)})
    with pytest.raises(ValueError, match=r"test_cfg\.size is \(64, 64\).*size_divisor"):
        ImagePreparation.of(preprocessor)
