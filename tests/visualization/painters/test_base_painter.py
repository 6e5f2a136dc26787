import numpy as np

from mmaux.visualization.painters import hatch, mark_invalid, resize_nearest
from mmaux.visualization.painters.base_painter import HATCH_COLORS


def test_resize_nearest_samples_centres_and_keeps_the_type():
    array = np.arange(6, dtype=np.int64).reshape(1, 2, 3)
    doubled = resize_nearest(array, (4, 6))
    np.testing.assert_array_equal(doubled, array.repeat(2, 1).repeat(2, 2))
    assert doubled.dtype == np.int64
    np.testing.assert_array_equal(resize_nearest(doubled, (2, 3)), array)
    np.testing.assert_array_equal(resize_nearest(array, (1, 1)), [[[4]]])


def test_hatch_has_stripes_of_both_greys():
    stripes = hatch((16, 16))
    assert {tuple(color) for color in stripes.reshape(-1, 3).tolist()} == set(HATCH_COLORS)
    assert (stripes == HATCH_COLORS[0]).all(-1).mean() == 0.5


def test_mark_invalid_touches_only_invalid_pixels():
    picture = np.full((8, 8, 3), 7, np.uint8)
    invalid = np.zeros((8, 8), bool)
    invalid[:, 4:] = True
    marked = mark_invalid(picture, invalid)
    assert (marked[:, :4] == 7).all()
    np.testing.assert_array_equal(marked[:, 4:], hatch((8, 8))[:, 4:])
