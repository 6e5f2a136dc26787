import numpy as np

from mmaux.visualization import PanelContext, SemSegPainter, distinct_palette
from mmaux.visualization.painters import hatch

SIZE = (8, 8)


def context(**kwargs):
    return PanelContext(size=SIZE, image=np.full((*SIZE, 3), 100, np.uint8), **kwargs)


def left_and_right(left, right):
    labels = np.full((1, *SIZE), left)
    labels[..., 4:] = right
    return labels


def test_classes_have_their_palette_colours():
    painting = SemSegPainter().paint(
        {"gt": left_and_right(0, 1)},
        context(classes=("wall", "floor"), palette=[[10, 20, 30], [200, 0, 50]]),
    )
    assert (painting.pictures["gt"][:, :4] == (10, 20, 30)).all()
    assert (painting.pictures["gt"][:, 4:] == (200, 0, 50)).all()


def test_ignored_and_negative_pixels_are_hatched_and_unnamed():
    painting = SemSegPainter().paint(
        {"gt": left_and_right(255, -1), "pred": left_and_right(1, 9)},
        context(classes=("a", "b"), ignore_index=9),
    )
    np.testing.assert_array_equal(painting.pictures["gt"][:, 4:], hatch(SIZE)[:, 4:])
    np.testing.assert_array_equal(painting.pictures["pred"][:, 4:], hatch(SIZE)[:, 4:])
    assert (painting.pictures["gt"][:, :4] == distinct_palette(256)[255]).all()
    assert [name for _, name in painting.key] == ["b", "id 255"]


def test_key_names_what_occurs_in_either_map_most_frequent_first():
    gt, pred = left_and_right(2, 0), left_and_right(2, 1)
    gt[:, :6] = 0
    painting = SemSegPainter().paint(
        {"gt": gt, "pred": pred}, context(classes=("a", "b", "c", "never"), palette=[[1, 1, 1]] * 4)
    )
    assert [name for _, name in painting.key] == ["a", "c", "b"]
    assert painting.key[0][0] == (1, 1, 1)


def test_without_palette_classes_still_have_colours_of_their_own():
    painting = SemSegPainter().paint({"gt": left_and_right(0, 1)}, context())
    assert (painting.pictures["gt"][:, :4] == distinct_palette(2)[0]).all()
    assert (painting.pictures["gt"][:, 4:] == distinct_palette(2)[1]).all()
    assert [name for _, name in painting.key] == ["id 0", "id 1"]


def test_opacity_lets_the_image_shine_through():
    painting = SemSegPainter().paint(
        {"gt": left_and_right(0, 255)}, context(palette=[[200, 0, 50]], alpha=0.5)
    )
    assert (painting.pictures["gt"][:, :4] == (150, 50, 75)).all()
    np.testing.assert_array_equal(painting.pictures["gt"][:, 4:], hatch(SIZE)[:, 4:])


def test_nothing_labelled_has_an_empty_key():
    painting = SemSegPainter().paint({"gt": left_and_right(255, 255)}, context())
    np.testing.assert_array_equal(painting.pictures["gt"], hatch(SIZE))
    assert painting.key == ()
