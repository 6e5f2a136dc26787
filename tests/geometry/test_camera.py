import cv2
import numpy as np
import pytest

from mmaux.geometry import (
    crop_intrinsics,
    depth_to_points,
    flip_intrinsics,
    rotate_intrinsics,
    scale_intrinsics,
)

K = np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])
POINT = np.array([0.3, -0.2, 2.0])


def project(matrix: np.ndarray, point: np.ndarray) -> np.ndarray:
    pixel = matrix @ point
    return pixel[:2] / pixel[2]


def test_depth_to_points_by_hand() -> None:
    depth = np.zeros((3, 4), np.float32)
    depth[2, 3] = 2.0
    points = depth_to_points(depth, [[10, 0, 1], [0, 20, 0.5], [0, 0, 1]])
    # X = (3 - 1) / 10 * 2, Y = (2 - 0.5) / 20 * 2
    np.testing.assert_allclose(points[2, 3], [0.4, 0.15, 2.0], rtol=1e-6)
    assert points.dtype == np.float32
    assert np.count_nonzero(points) == 3


def test_projecting_points_gives_their_pixels() -> None:
    depth = np.random.default_rng(0).uniform(0.5, 5, (6, 8))
    points = depth_to_points(depth, K)
    for y, x in ((0, 0), (5, 7), (2, 3)):
        np.testing.assert_allclose(project(K, points[y, x].astype(float)), [x, y], atol=1e-3)


def test_scale_by_hand() -> None:
    half = scale_intrinsics(K, 0.5)
    # (320 + 0.5) * 0.5 - 0.5 = 159.75
    np.testing.assert_allclose(half, [[250, 0, 159.75], [0, 250, 119.75], [0, 0, 1]])
    uneven = scale_intrinsics(K, 2, 0.5)
    np.testing.assert_allclose(uneven, [[1000, 0, 640.5], [0, 250, 119.75], [0, 0, 1]])
    assert K[0, 0] == 500  # the input stays


def test_scale_follows_cv2_resize() -> None:
    ramp = np.tile(np.arange(64, dtype=np.float32), (8, 1))
    larger = cv2.resize(ramp, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    matrix = scale_intrinsics([[1, 0, 20], [0, 1, 3], [0, 0, 1]], 2)
    # The principal point showed value 20 and shows it still.
    column = matrix[0, 2]
    value = np.interp(column, np.arange(128), larger[4])
    assert value == pytest.approx(20)


def test_crop_and_flip_agree_with_projection() -> None:
    x, y = project(K, POINT)  # 395, 190
    np.testing.assert_allclose([x, y], [395, 190])
    np.testing.assert_allclose(project(crop_intrinsics(K, 15, 40), POINT), [380, 150])
    mirrored = POINT * (-1, 1, 1)
    np.testing.assert_allclose(project(flip_intrinsics(K, 640), mirrored), [639 - 395, 190])


def test_rotate_follows_the_picture() -> None:
    angle, centre = 30.0, (319.5, 239.5)
    cos, sin = np.cos(np.pi / 6), np.sin(np.pi / 6)
    x, y, z = POINT
    turned = np.array([cos * x - sin * y, sin * x + cos * y, z])
    # mmcv.imrotate turns clockwise by handing minus the angle to OpenCV.
    warp = cv2.getRotationMatrix2D(centre, -angle, 1.0)
    expected = warp @ np.append(project(K, POINT), 1)
    np.testing.assert_allclose(project(rotate_intrinsics(K, angle, centre), turned), expected)


def test_rotate_quarter_turn_by_hand() -> None:
    # One pixel right of the centre goes to one pixel below it.
    matrix = rotate_intrinsics([[5, 0, 11], [0, 5, 10], [0, 0, 1]], 90, (10, 10))
    np.testing.assert_allclose(matrix, [[5, 0, 10], [0, 5, 11], [0, 0, 1]], atol=1e-12)


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(4),
        [[0, 0, 1], [0, 1, 1], [0, 0, 1]],
        [[1, 0.1, 1], [0, 1, 1], [0, 0, 1]],
        [[1, 0, 1], [0, 1, 1], [0, 0, 2]],
        [[1, 0, np.nan], [0, 1, 1], [0, 0, 1]],
    ],
)
def test_no_camera_matrix(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"intrinsics: found .* expected"):
        crop_intrinsics(matrix, 0, 0)


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="scale"):
        scale_intrinsics(K, 0)
    with pytest.raises(ValueError, match=r"depth: expected shape \(H, W\)"):
        depth_to_points(np.zeros((2, 2, 1)), K)
