import numpy as np
import pytest

from mmaux.geometry import normals_from_depth

HEIGHT, WIDTH = 90, 120
K = np.array([[194.0, 0, 61.1], [0, 196.0, 46.7], [0, 0, 1]])
U, V = np.meshgrid((np.arange(WIDTH) - 61.1) / 194.0, (np.arange(HEIGHT) - 46.7) / 196.0)
RAYS = np.stack([U, V, np.ones_like(U)], axis=-1)


def plane_depth(normal: np.ndarray, distance: float) -> np.ndarray:
    """Depth of the plane normal . X = -distance (normal towards the camera); 0 behind it."""
    facing = -(RAYS @ normal)
    return np.where(facing > 1e-3, distance / np.maximum(facing, 1e-3), 0)


def angles(normals: np.ndarray, normal: np.ndarray) -> np.ndarray:
    sine = np.linalg.norm(np.cross(normals.astype(np.float64), normal), axis=-1)
    return np.degrees(np.arctan2(sine, normals.astype(np.float64) @ normal))


def test_wall_that_faces_the_camera() -> None:
    normals = normals_from_depth(np.full((HEIGHT, WIDTH), 2.0, np.float32), K)
    assert normals.shape == (HEIGHT, WIDTH, 3)
    assert normals.dtype == np.float32
    np.testing.assert_allclose(normals, np.broadcast_to([0, 0, -1], normals.shape), atol=1e-6)


@pytest.mark.parametrize(
    "normal", [(0.0, -0.93, -0.37), (0.7, 0.0, -0.7), (-0.5, -0.4, -0.77), (0.2, 0.9, -0.3)]
)
def test_slanted_planes_are_exact(normal: tuple[float, float, float]) -> None:
    unit = np.array(normal) / np.linalg.norm(normal)
    depth = plane_depth(unit, 1.3)
    depth[depth > 3] = 0
    normals = normals_from_depth(depth.astype(np.float32), K)
    valid = normals.any(axis=-1)
    assert valid[depth > 0].mean() > 0.9
    assert angles(normals[valid], unit).max() < 0.02
    np.testing.assert_allclose(np.linalg.norm(normals[valid], axis=-1), 1, atol=1e-5)


def test_sphere_faces_the_camera() -> None:
    centre, size = np.array([0.1, 0.0, 2.0]), 0.8
    b, c = RAYS @ centre, centre @ centre - size**2
    square = (RAYS**2).sum(-1)
    root = b**2 - square * c
    depth = np.where(root > 0, (b - np.sqrt(np.maximum(root, 0))) / square, 0)
    normals = normals_from_depth(depth, K, radius=1, step=1)
    expected = (RAYS * depth[..., None] - centre) / size
    inner = (depth > 0) & (expected @ [0, 0, -1] > 0.6)
    assert normals[inner].any(axis=-1).mean() > 0.99
    inner &= normals.any(axis=-1)
    cosine = np.clip((normals * expected).sum(-1)[inner], -1, 1)
    assert np.degrees(np.arccos(cosine)).max() < 1.5
    assert ((normals * RAYS).sum(-1)[inner] < 0).all()


def test_depth_edge_is_not_rounded() -> None:
    depth = np.full((HEIGHT, WIDTH), 2.0)
    depth[:, 60:] = 2.6
    normals = normals_from_depth(depth, K)
    np.testing.assert_allclose(normals, np.broadcast_to([0, 0, -1], normals.shape), atol=1e-6)
    rounded = normals_from_depth(depth, K, relative_threshold=0.5)
    assert angles(rounded, np.array([0, 0, -1.0])).max() > 30


def test_invalid_pixels_are_zero_and_do_not_pollute() -> None:
    depth = np.full((HEIGHT, WIDTH), 2.0)
    depth[20:40, 30:50] = 0
    depth[60, 70] = np.nan
    depth[61, 71] = -1
    depth[62, 72] = np.inf
    invalid = ~(np.isfinite(depth) & (depth > 0))
    normals = normals_from_depth(depth, K)
    assert (normals[invalid] == 0).all()
    expected = np.broadcast_to([0, 0, -1], normals[~invalid].shape)
    np.testing.assert_allclose(normals[~invalid], expected, atol=1e-6)
    assert not normals_from_depth(np.zeros((5, 5)), K).any()


def test_too_few_neighbours_or_all_on_a_line() -> None:
    island = np.zeros((HEIGHT, WIDTH))
    island[40:42, 50:52] = 2.0
    line = np.zeros((HEIGHT, WIDTH))
    line[45, :] = 2.0
    assert not normals_from_depth(island, K).any()
    assert not normals_from_depth(line, K).any()
    block = np.zeros((HEIGHT, WIDTH))
    block[40:60, 50:70] = 2.0
    assert normals_from_depth(block, K)[50, 60, 2] == pytest.approx(-1)


def test_six_neighbours_are_needed() -> None:
    depth = np.zeros((HEIGHT, WIDTH))
    for y, x in ((40, 50), (48, 50), (32, 50), (40, 58), (40, 42)):
        depth[y, x] = 2.0  # a cross: well conditioned, but five pixels only
    assert not normals_from_depth(depth, K)[40, 50].any()
    depth[46, 56] = 2.0
    assert normals_from_depth(depth, K)[40, 50, 2] == pytest.approx(-1)


def test_agrees_with_lstsq_under_noise() -> None:
    noise = np.random.default_rng(3).normal(0, 0.004, (HEIGHT, WIDTH))
    depth = 1 / (1 / plane_depth(np.array([0.6, 0.0, -0.8]), 1.5) + noise)
    depth[43, 58] = 0
    normals = normals_from_depth(depth, K, radius=4, step=2, relative_threshold=0.1)
    y, x = 45, 60
    rows, values = [], []
    for ny in range(y - 4, y + 5, 2):
        for nx in range(x - 4, x + 5, 2):
            near = depth[ny, nx]
            if near > 0 and 1 / 1.1 < depth[y, x] / near < 1 / 0.9:
                rows.append(RAYS[ny, nx])
                values.append(1 / near)
    assert 10 < len(rows) <= 25
    solution = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    expected = -solution / np.linalg.norm(solution)
    assert angles(normals[y, x], expected) < 0.01
    assert angles(normals[y, x], np.array([0.6, 0, -0.8])) < 20


def test_wider_window_is_smoother() -> None:
    noise = np.random.default_rng(3).normal(0, 0.003, (HEIGHT, WIDTH))
    depth = 1 / (0.5 + noise)
    wall = np.array([0, 0, -1.0])
    small = angles(normals_from_depth(depth, K, radius=2, step=1), wall).mean()
    large = angles(normals_from_depth(depth, K), wall).mean()
    assert large < small / 2


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"radius": 1, "step": 2}, "radius"),
        ({"step": 0}, "step"),
        ({"relative_threshold": 0.0}, "relative_threshold"),
        ({"relative_threshold": 1.0}, "relative_threshold"),
    ],
)
def test_wrong_arguments(options: dict, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        normals_from_depth(np.ones((4, 4)), K, **options)


def test_wrong_shape() -> None:
    with pytest.raises(ValueError, match=r"depth: expected shape \(H, W\)"):
        normals_from_depth(np.ones((1, 4, 4)), K)
