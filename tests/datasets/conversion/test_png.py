import io
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from mmaux.datasets.conversion.png import NO_FILTER, UP_FILTER, encode_png

RNG = np.random.default_rng(0)


def decode(content: bytes) -> np.ndarray:
    """As RGB, by libpng, which checks both checksums."""
    array = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    return array[..., ::-1] if array.ndim == 3 else array


def noise(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    return RNG.integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


def steps(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Large even areas."""
    coarse = noise((3, 4, *shape[2:]), dtype)
    rows, columns = (np.arange(n) * k // n for n, k in zip(shape, (3, 4), strict=False))
    return coarse[rows][:, columns]


@pytest.mark.parametrize("content", [noise, steps])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (37, 53), (37, 53, 3), (300, 400)])
@pytest.mark.parametrize("row_filter", [NO_FILTER, UP_FILTER])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_every_value_is_kept(content, dtype, shape, row_filter, level):
    array = content(shape, dtype)
    decoded = decode(encode_png(array, row_filter=row_filter, level=level))
    np.testing.assert_array_equal(decoded, array)
    assert decoded.dtype == dtype


def test_a_view_is_kept():
    array = noise((20, 30, 3), np.uint16)[3:, 5:, ::-1]
    content = encode_png(array, row_filter=UP_FILTER, level=1)
    np.testing.assert_array_equal(decode(content), array)


def test_rgb_is_rgb_for_pillow():
    image = np.array([[[255, 10, 0], [1, 2, 3]]], np.uint8)
    content = encode_png(image, row_filter=UP_FILTER, level=1, strategy=zlib.Z_RLE)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content))), image)


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2), np.int32), np.zeros((2, 2, 4), np.uint8), np.zeros(3, np.uint8)]
)
def test_other_arrays_are_refused(array):
    with pytest.raises(ValueError, match=r"cannot encode an array of .* as PNG; expected \(H, W\)"):
        encode_png(array, row_filter=NO_FILTER, level=1)
