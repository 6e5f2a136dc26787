import cv2
import numpy as np
import pytest

from mmaux.datasets.conversion.encode import (
    encode_depth,
    encode_normals,
    photograph_bytes,
    png_bytes,
)


def decode(content: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def test_png_keeps_values_and_stores_rgb() -> None:
    image = np.array([[[255, 10, 0], [1, 2, 3]]], np.uint8)
    np.testing.assert_array_equal(decode(png_bytes(image)), image[..., ::-1])  # OpenCV reads BGR
    depth = np.array([[0, 65535], [1, 1000]], np.uint16)
    np.testing.assert_array_equal(decode(png_bytes(depth)), depth)


def test_maps_are_compressed_where_it_pays_and_stored_elsewhere() -> None:
    rng = np.random.default_rng(0)
    even = np.repeat(np.repeat(np.arange(48, dtype=np.uint16).reshape(6, 8), 40, 0), 40, 1) * 1000
    noisy = even + rng.integers(0, 1024, even.shape, dtype=np.uint16)
    assert len(png_bytes(even)) < 0.05 * even.nbytes
    assert noisy.nbytes < len(png_bytes(noisy)) < 1.01 * noisy.nbytes + 100
    for array in (even, noisy):
        np.testing.assert_array_equal(decode(png_bytes(array)), array)


def test_photographs_shrink_and_are_kept() -> None:
    v, u = np.mgrid[:120, :160]
    grain = np.random.default_rng(0).integers(0, 4, (120, 160, 3))
    image = (np.stack([u, v, u + v], axis=-1) // 2 + grain).astype(np.uint8)
    content = photograph_bytes(image)
    assert len(content) < 0.6 * image.nbytes
    np.testing.assert_array_equal(decode(content), image[..., ::-1])


def test_depth_by_hand() -> None:
    coded = encode_depth(np.array([[0, 1.2344, 2.7186]], np.float32), scale=1000)
    assert coded.dtype == np.uint16
    assert coded.tolist() == [[0, 1234, 2719]]


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 65.6, np.inf])
def test_impossible_depth(wrong: float) -> None:
    with pytest.raises(ValueError, match=r"expected 0 to 65\.535 m"):
        encode_depth(np.array([[1.0, wrong]]), scale=1000)


def test_normals_by_hand() -> None:
    normals = np.array([[[0, 0, -1], [1, 0, 0], [0, 0, 0], [0.6, -0.8, 0]]], np.float32)
    # 0 -> 32767.5 -> 32768 (round half to even), -1 -> 0, 1 -> 65535, 0.6 -> 52428
    assert encode_normals(normals).tolist() == [
        [[32768, 32768, 0], [65535, 32768, 32768], [0, 0, 0], [52428, 6553, 32768]]
    ]


def test_normals_survive_the_data_sets_decoder() -> None:
    from mmaux.datasets.targets.normal_target import decode_normals

    vectors = np.random.default_rng(0).normal(size=(20, 30, 3))
    vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    vectors[3, 4] = 0
    decoded = decode_normals(encode_normals(vectors.astype(np.float32)))
    assert (decoded[3, 4] == 0).all()
    assert np.abs(decoded - vectors).max() < 1e-4
