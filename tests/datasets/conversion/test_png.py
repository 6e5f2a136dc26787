import io

import cv2
import numpy as np
import pytest
from PIL import Image

from mmaux.datasets.conversion.png import map_png, photograph_png

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
def test_maps_are_kept_exactly(content, dtype, shape):
    array = content(shape, dtype)
    decoded = decode(map_png(array))
    np.testing.assert_array_equal(decoded, array)
    assert decoded.dtype == dtype


def test_a_crop_of_a_map_is_kept(tmp_path):
    array = noise((20, 30, 3), np.uint16)[3:, 5:, ::-1]
    np.testing.assert_array_equal(decode(map_png(array)), array)


def test_photographs_are_kept_exactly_in_rgb():
    image = noise((40, 50, 3), np.uint8)
    image[:, :10] = (255, 10, 0)
    content = photograph_png(image)
    np.testing.assert_array_equal(decode(content), image)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content))), image)


def test_photographs_shrink():
    v, u = np.mgrid[:120, :160]
    smooth = np.stack([u, v, u + v], axis=-1) // 2 + RNG.integers(0, 4, (120, 160, 3))
    assert len(photograph_png(smooth.astype(np.uint8))) < 0.6 * smooth.size


def test_maps_are_compressed_where_it_pays_and_stored_elsewhere():
    even = steps((240, 320), np.uint16)
    assert len(map_png(even)) < 0.05 * even.nbytes
    noisy = noise((240, 320), np.uint16) & 0xFFF  # a quarter is zero: deflate gains no fifth
    assert noisy.nbytes < len(map_png(noisy)) < 1.01 * noisy.nbytes + 100
    # Stored, yet read back by the same decoder.
    np.testing.assert_array_equal(decode(map_png(noisy)), noisy)


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2), np.int32), np.zeros((2, 2, 4), np.uint8), np.zeros(3, np.uint8)]
)
def test_other_arrays_are_refused(array):
    with pytest.raises(ValueError, match=r"cannot encode an array of .* as PNG; expected \(H, W\)"):
        map_png(array)
