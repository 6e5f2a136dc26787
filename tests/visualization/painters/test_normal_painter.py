import numpy as np
import pytest

from mmaux.visualization import NormalPainter, PanelContext, normals_to_rgb
from mmaux.visualization.painters import hatch

SIZE = (8, 8)
CONTEXT = PanelContext(size=SIZE, image=np.zeros((*SIZE, 3), np.uint8))


def constant(*vector):
    return np.broadcast_to(np.float32(vector).reshape(3, 1, 1), (3, *SIZE)).copy()


@pytest.mark.parametrize(
    ("normal", "color"),
    [
        ((0, 0, -1), (128, 128, 255)),  # a wall that faces the camera
        ((0, -1, 0), (128, 255, 128)),  # a floor
        ((0, 1, 0), (128, 0, 128)),  # a ceiling
        ((1, 0, 0), (255, 128, 128)),  # the wall at the left
        ((-1, 0, 0), (0, 128, 128)),  # the wall at the right
        ((0, 0, -7), (128, 128, 255)),
        ((0.28, 0, -0.96), (163, 128, 250)),
    ],
)
def test_known_normals_have_their_colours(normal, color):
    painting = NormalPainter().paint({"pred": constant(*normal)}, CONTEXT)
    assert (painting.pictures["pred"] == color).all()


def test_signs_choose_the_axes():
    rgb = normals_to_rgb(constant(0, 0, -1), signs=(1, 1, 1))
    assert (rgb == (128, 128, 0)).all()


@pytest.mark.parametrize("hole", [(0, 0, 0), (np.nan, 0, 1), (0, 0, np.inf)])
def test_invalid_normals_are_hatched(hole):
    normals = constant(0, 0, -1)
    normals[..., 4:] = np.float32(hole).reshape(3, 1, 1)
    picture = NormalPainter().paint({"gt": normals}, CONTEXT).pictures["gt"]
    np.testing.assert_array_equal(picture[:, 4:], hatch(SIZE)[:, 4:])
    assert (picture[:, :4] == (128, 128, 255)).all()


def test_default_axes_are_right_up_and_towards_the_camera():
    assert (normals_to_rgb(constant(0, -1, 0)) == (128, 255, 128)).all()
    assert (normals_to_rgb(constant(0, 0, -1)) == (128, 128, 255)).all()
    assert (normals_to_rgb(constant(1, 0, 0)) == (255, 128, 128)).all()
