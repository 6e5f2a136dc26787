import numpy as np
import pytest

from mmaux.visualization import draw_contact_sheet

META = {"classes": ("a", "b"), "palette": [[10, 20, 30], [200, 100, 0]]}


def test_images_stand_above_their_targets() -> None:
    images = [np.full((30, 40, 3), value, np.uint8) for value in (50, 90)]
    labels = [{"sem_seg": np.full((1, 30, 40), index)} for index in (0, 1)]
    sheet = draw_contact_sheet(images, labels, dataset_meta=META, cell_width=40)
    assert sheet.shape == (2 * 30 + 4, 2 * 40 + 4, 3)
    assert (sheet[:30, :40] == 50).all()
    assert (sheet[:30, 44:] == 90).all()
    assert (sheet[34:, :40] == META["palette"][0]).all()
    assert (sheet[34:, 44:] == META["palette"][1]).all()
    assert (sheet[30:34] == 255).all()


def test_a_sample_without_a_target_has_an_empty_cell() -> None:
    images = [np.zeros((30, 40, 3), np.uint8)] * 2
    targets = [{"sem_seg": np.zeros((1, 30, 40), int)}, {}]
    sheet = draw_contact_sheet(images, targets, dataset_meta=META, cell_width=20)
    assert sheet.shape == (2 * 15 + 4, 2 * 20 + 4, 3)
    assert (sheet[19:, 24:] == 255).all()


def test_images_of_two_sizes_are_refused() -> None:
    images = [np.zeros((30, 40, 3), np.uint8), np.zeros((40, 30, 3), np.uint8)]
    with pytest.raises(ValueError, match=r"images of one size.*found 2 images of sizes"):
        draw_contact_sheet(images, [{}, {}])
