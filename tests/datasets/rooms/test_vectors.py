import numpy as np
import pytest

from mmaux.datasets.rooms.vectors import cross, dot, lengths, turned

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 4, 5, 3))


def test_products_are_numpy_s():
    np.testing.assert_allclose(dot(A, B), np.einsum("...i,...i->...", A, B))
    np.testing.assert_allclose(dot(A, B[0, 0]), A @ B[0, 0])
    np.testing.assert_allclose(cross(A, B), np.cross(A, B))
    np.testing.assert_allclose(lengths(A), np.linalg.norm(A, axis=-1, keepdims=True))


def test_axes_by_hand():
    x, y, z = np.eye(3)
    assert cross(x, y).tolist() == z.tolist()
    assert lengths(np.array([[3.0, 0.0, -4.0]])).tolist() == [[5.0]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_turned_is_the_product_in_the_vectors_type(dtype):
    vectors, matrix = A[0].astype(dtype), RNG.normal(size=(3, 3))
    result = turned(vectors, matrix)
    np.testing.assert_allclose(result, vectors @ matrix, rtol=1e-5, atol=1e-6)
    assert result.dtype == dtype
