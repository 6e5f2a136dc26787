from itertools import pairwise

import pytest

from mmaux.search.analysis.drawing_lanes import DrawingLanes


def test_lines_pass_between_cells_and_beside_each_other():
    lanes = DrawingLanes({1: [(-2.0, -1.0), (-4.5, -3.5)]}, (-5.0, 0.0))
    heights = [lanes.take(1, -1.6) for _ in range(8)]
    assert -2.17 < heights[0] <= -2.0, "the nearer end of the cell"
    for height in heights:
        assert not -2.0 < height < -1.0
        assert not -4.5 < height < -3.5
    ordered = sorted(heights)
    assert min(b - a for a, b in pairwise(ordered)) > 0.1
    assert lanes.take(2, -1.6) == pytest.approx(-1.6, abs=0.09), "another column is free"


def test_a_full_column():
    lanes = DrawingLanes({1: [(-9.0, 9.0)]}, (-5.0, 0.0))
    assert lanes.take(1, -1.6) == -1.6
