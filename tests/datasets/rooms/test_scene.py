import numpy as np
import pytest

pytest.importorskip("embreex")

from mmaux.datasets.rooms.material import Material
from mmaux.datasets.rooms.scene import CLASSES, Scene
from mmaux.datasets.rooms.shapes import box

GREY = Material("plain", ((0.5, 0.5, 0.5),) * 3)
GLASS = Material("plain", ((0.5, 0.5, 0.5),) * 3, transmits=True)


def test_rays_meet_the_nearest_box():
    parts = [
        box((1, 1, 1), (0, 3, 0), "sofa", GREY),
        box((1, 1, 1), (0, 6, 0), "table", GREY),
    ]
    scene = Scene(parts)
    hits = scene.cast(np.array([[0.1, 0, 0.5], [0, 0, 5]]), np.array([[0, 2, 0], [0, 2, 0]]))
    assert hits.distance[0] == pytest.approx(1.25)  # in units of the direction
    assert CLASSES[scene.label[scene.face_part[hits.face[0]]]] == "sofa"
    assert abs(scene.face_normal[hits.face[0]][1]) == pytest.approx(1)
    assert hits.face[1] == -1


def test_light_passes_glass_and_ends_at_its_lamp():
    origins, up = np.array([[0.1, 0.1, 0.0]]), np.array([[0.0, 0, 1]])
    for material, blocked in ((GREY, True), (GLASS, False)):
        scene = Scene([box((1, 1, 1), (0, 0, 2), "table", material)])
        assert scene.blocked(origins, up, np.array([5.0])).tolist() == [blocked]
        assert not scene.blocked(origins, up, np.array([1.9]))[0]


def test_wood_runs_along_the_longer_side():
    wood = Material("wood", ((0.5, 0.5, 0.5),) * 3)
    upright, level = (
        Scene([box(s, (0, 0, 0), "table", wood)]) for s in ((0.1, 0.2, 3), (3, 0.2, 0.1))
    )
    for scene in (upright, level):
        sizes = np.ptp(scene.corner_uv, axis=1)
        assert (sizes[:, 0] >= sizes[:, 1]).all()
