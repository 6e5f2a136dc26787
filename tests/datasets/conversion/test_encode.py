import numpy as np
import pytest

from mmaux.datasets.conversion.encode import encode_depth, encode_normals


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
