import numpy as np
import pytest

from mmaux.datasets.rooms.material import Material
from mmaux.datasets.rooms.part import moved, rotation_about_x, rotation_about_y
from mmaux.datasets.rooms.shapes import box, cylinder, lathe, rounded_box, sheet

GREY = Material("plain", ((0.5, 0.5, 0.5),) * 3)


def triangles(part):
    return part.vertices[part.faces]


def face_normals(part):
    a, b, c = triangles(part).transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    return normal / np.linalg.norm(normal, axis=1, keepdims=True)


def volume(part):
    """Of a closed solid whose triangles have the same sense, by the divergence theorem."""
    a, b, c = triangles(part).transpose(1, 0, 2)
    return abs(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) / 6


def test_box_stands_on_its_base():
    part = box((2, 4, 3), (10, 20, 5), "table", GREY)
    assert part.vertices.min(axis=0).tolist() == [9, 18, 5]
    assert part.vertices.max(axis=0).tolist() == [11, 22, 8]
    assert volume(part) == pytest.approx(24)


def test_taper_narrows_the_base():
    part = box((2, 2, 1), (0, 0, 0), "table", GREY, taper=0.5)
    base = part.vertices[part.vertices[:, 2] == 0]
    assert np.ptp(base, axis=0).tolist() == [1, 1, 0]
    assert volume(part) == pytest.approx((4 + 1 + 2) / 3)  # a frustum


def test_cylinder_approaches_its_volume():
    part = cylinder(0.5, 2, (0, 0, 0), "table", GREY, segments=64)
    assert volume(part) == pytest.approx(np.pi * 0.25 * 2, rel=0.01)


def test_rounded_box_lies_within_the_box_and_loses_its_corners():
    part = rounded_box((1, 1, 1), (0, 0, 0), "sofa", GREY, radius=0.2)
    assert part.vertices.min(axis=0) == pytest.approx([-0.5, -0.5, 0], abs=1e-3)
    assert part.vertices.max(axis=0) == pytest.approx([0.5, 0.5, 1], abs=1e-3)
    assert 0.85 < volume(part) < 0.99


@pytest.mark.parametrize(
    "part",
    [
        lathe([(0, 0), (0.3, 0.1), (0.2, 0.5), (0, 0.6)], (1, 2, 3), "objects", GREY),
        rounded_box((1, 0.5, 0.3), (0, 0, 0), "sofa", GREY, radius=0.1),
        sheet(
            lambda u, v: np.stack([u, v, 0.1 * np.sin(3 * u)], axis=-1),
            "bed",
            GREY,
            cells=(12, 5),
        ),
    ],
)
def test_normals_for_shading_are_near_those_of_the_faces(part):
    assert part.corner_normals.shape == (len(part.faces), 3, 3)
    assert np.linalg.norm(part.corner_normals, axis=-1) == pytest.approx(1)
    cosine = np.einsum("fkc,fc->fk", part.corner_normals, face_normals(part))
    assert np.abs(cosine).min() > 0.6
    assert np.abs(cosine).mean() > 0.95


def test_moving_takes_normals_and_pattern_along():
    part = rounded_box((1, 2, 3), (0.5, 0, 0), "sofa", GREY, radius=0.1)
    (turned,) = moved([part], (1, 2, 3), turn=np.pi / 2)
    assert turned.vertices == pytest.approx(
        np.stack([1 - part.vertices[:, 1], 2 + part.vertices[:, 0], 3 + part.vertices[:, 2]], 1)
    )
    assert turned.corner_normals[..., 1] == pytest.approx(part.corner_normals[..., 0])
    assert turned.origin == pytest.approx([1, 2.5, 3])
    local = (turned.vertices - turned.origin) @ turned.rotation
    assert local == pytest.approx(part.vertices - part.origin)


def test_axes_of_rotations():
    assert rotation_about_x(np.pi / 2) @ [0, 1, 0] == pytest.approx([0, 0, 1])
    assert rotation_about_y(np.pi / 2) @ [0, 0, 1] == pytest.approx([1, 0, 0])


def test_unknown_pattern_is_refused():
    with pytest.raises(ValueError, match=r"pattern: found 'wod', expected one of"):
        Material("wod", ((0, 0, 0),) * 3)


def test_normals_of_a_sheet_are_those_of_numpys_gradient():
    def surface(u, v):
        return np.stack([u, 2 * v, np.sin(3 * u) * v], axis=-1)

    part = sheet(surface, "objects", GREY, cells=(5, 3))
    u, v = np.meshgrid(np.linspace(0, 1, 6), np.linspace(0, 1, 4), indexing="ij")
    grid = surface(u, v)
    expected = np.cross(np.gradient(grid, axis=0), np.gradient(grid, axis=1)).reshape(-1, 3)
    expected /= np.linalg.norm(expected, axis=-1, keepdims=True)
    np.testing.assert_allclose(part.corner_normals, expected[part.faces], atol=1e-12)
    np.testing.assert_array_equal(part.vertices, grid.reshape(-1, 3))
