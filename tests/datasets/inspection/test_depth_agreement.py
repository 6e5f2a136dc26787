import numpy as np
import pytest
from scenes import BALL, render

from mmaux.datasets.inspection.depth_agreement import (
    assumed_camera,
    compare_with_depth,
    explain_away,
    share_away,
)


@pytest.mark.parametrize(("size", "focal"), [((96, 128), 110.0), ((480, 640), 550.0)])
def test_a_room_agrees_with_itself(size: tuple[int, int], focal: float) -> None:
    scene = render(size, focal)
    depth = np.round(scene.depth * 1000) / 1000
    agreement = compare_with_depth(scene.normals, depth.astype(np.float32), scene.intrinsics)
    assert agreement is not None
    assert agreement.median < 3
    assert agreement.explanation is None


@pytest.mark.parametrize("size", [(96, 128), (480, 640)])
def test_the_camera_matters(size: tuple[int, int]) -> None:
    scene = render(size, size[1] / 1.2)
    ball = scene.normals * (scene.labels == BALL)[..., None]
    wrong = scene.intrinsics.copy()
    wrong[:2] /= 2
    right = compare_with_depth(ball, scene.depth, scene.intrinsics)
    other = compare_with_depth(ball, scene.depth, wrong)
    assert right is not None
    assert other is not None
    assert right.median < 3
    assert other.median > 10


def test_normals_of_another_scene_disagree() -> None:
    scene = render()
    slanted = np.zeros_like(scene.normals)
    slanted[:] = (0.6, 0.48, -0.64)
    agreement = compare_with_depth(slanted, scene.depth, scene.intrinsics)
    assert agreement is not None
    assert agreement.median > 30


def test_too_few_pixels_are_not_compared() -> None:
    scene = render()
    normals = np.zeros_like(scene.normals)
    normals[40:50, 40:50] = scene.normals[40:50, 40:50]
    assert compare_with_depth(normals, scene.depth, scene.intrinsics) is None
    assert compare_with_depth(scene.normals, np.zeros_like(scene.depth), scene.intrinsics) is None


def test_share_away_counts_valid_normals() -> None:
    scene = render()
    assert share_away(scene.normals, scene.intrinsics) == 0
    assert share_away(-scene.normals, scene.intrinsics) == 1
    half = scene.normals.copy()
    half[:, :64] *= -1
    half[::2] = 0
    assert share_away(half, scene.intrinsics) == pytest.approx(0.5)
    assert share_away(np.zeros_like(half), scene.intrinsics) == 0


def test_share_away_uses_the_ray_of_each_pixel_of_the_grid() -> None:
    # A surface with normal (1, 0, -0.5) is seen from behind where u > 0.5.
    camera = np.array([[400.0, 0, 319.5], [0, 400, 239.5], [0, 0, 1]])
    normals = np.broadcast_to(np.array([1, 0, -0.5]) / np.sqrt(1.25), (480, 640, 3))
    assert share_away(normals, camera) == pytest.approx((639 - 519.5) / 640, abs=0.01)


def test_what_points_away_is_explained_without_depth() -> None:
    scene = render()
    expected = {
        (-1, -1, -1): "point into the surface",
        (1, -1, -1): "y up, z to the camera (OpenGL axes)",
        (1, 1, 1): None,
    }
    for signs, name in expected.items():
        mistake = explain_away(scene.normals * np.array(signs), scene.intrinsics)
        assert (mistake and mistake.name) == name


def test_the_assumed_field_of_view() -> None:
    camera = assumed_camera((100, 200))
    edge = (199.5 - camera[0, 2]) / camera[0, 0]  # of the last pixel
    assert np.degrees(np.arctan(edge)) == pytest.approx(30)
    assert camera[0, 0] == camera[1, 1]
    assert camera[1, 2] == 49.5
