import numpy as np
import pytest

from mmaux.datasets.rooms.floor_plan import FloorPlan, overlap
from mmaux.datasets.rooms.part import rotation_about_z


def test_rectangles_overlap_unless_they_only_touch():
    assert overlap((0, 0, 2, 2), (1, 1, 3, 3))
    assert not overlap((0, 0, 2, 2), (2, 0, 3, 2))


@pytest.mark.parametrize("wall", range(4))
def test_points_and_turns_agree_on_where_inside_is(wall):
    plan = FloorPlan(4, 3, 2.5)
    x, y = plan.point(wall, 1.0)
    assert x in (0, 4) or y in (0, 3)
    inside = rotation_about_z(plan.turn(wall)) @ [0, 0.5, 0]
    along = rotation_about_z(plan.turn(wall)) @ [0.25, 0, 0]
    assert plan.point(wall, 1.0, 0.5) == pytest.approx((x + inside[0], y + inside[1]))
    assert plan.point(wall, 1.25) == pytest.approx((x + along[0], y + along[1]))
    assert plan.inside((*plan.point(wall, 1.0, 0.5), *plan.point(wall, 1.0, 0.5)))


def test_places_are_free_and_below_windows():
    plan = FloorPlan(4, 3, 2.5)
    plan.on_wall[0].append((0.0, 0.9, 4.0, 2.0))  # a window over the whole wall
    rng = np.random.default_rng(0)
    for _ in range(20):
        found = plan.find_at_wall(rng, width=1, depth=0.5, height=2, walls=(0,))
        assert found is None  # too tall
        wall, s = plan.find_at_wall(rng, width=1, depth=0.5, height=0.8, walls=(0,), tries=50)
        assert plan.free(plan.footprint(wall, s, 1, 0.5))
    plan.take(wall, s, width=1, depth=0.5, height=0.8)
    assert not plan.free(plan.footprint(wall, s, 1, 0.5))
    assert plan.find_at_wall(rng, width=9, depth=0.5, height=0.8) is None
