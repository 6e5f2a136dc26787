import numpy as np

from mmaux.visualization import distinct_palette


def test_colours_are_distinct_and_stay_the_same():
    palette = distinct_palette(40)
    assert palette.shape == (40, 3)
    assert palette.dtype == np.uint8
    assert len({tuple(color) for color in palette.tolist()}) == 40
    np.testing.assert_array_equal(distinct_palette(7), palette[:7])


def test_neighbours_differ_clearly():
    palette = distinct_palette(40).astype(int)
    assert np.abs(np.diff(palette, axis=0)).sum(axis=1).min() > 100


def test_no_class_no_colour():
    assert distinct_palette(0).shape == (0, 3)
