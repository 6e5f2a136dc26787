import matplotlib
import numpy as np
import pytest

from mmaux.visualization import PanelContext, ScalarPainter
from mmaux.visualization.painters import hatch

SIZE = (10, 10)
CONTEXT = PanelContext(size=SIZE, image=np.zeros((*SIZE, 3), np.uint8))
DEPTH = ScalarPainter("depth", unit="m", cmap="viridis", positive=True)


def color(share, cmap="viridis"):
    return matplotlib.colormaps[cmap](share, bytes=True)[:3]


def constant(value):
    return np.full((1, *SIZE), value, np.float32)


def test_both_maps_share_one_range():
    painting = DEPTH.paint({"gt": constant(2.0), "pred": constant(6.0)}, CONTEXT)
    assert (painting.pictures["gt"] == color(0.0)).all()
    assert (painting.pictures["pred"] == color(1.0)).all()
    assert (painting.legend.low, painting.legend.high) == (2, 6)
    assert painting.legend.label == "2 to 6 m, same in both rows"


def test_three_maps_share_one_range():
    maps = {"gt": constant(2.0), "a": constant(4.0), "b": constant(6.0)}
    painting = DEPTH.paint(maps, CONTEXT)
    assert (painting.pictures["a"] == color(0.5)).all()
    assert painting.legend.label == "2 to 6 m, same in all rows"


def test_values_between_have_the_colours_between():
    ramp = np.linspace(1, 11, 11, dtype=np.float32).reshape(1, 1, 11)
    painting = DEPTH.paint(
        {"gt": ramp}, PanelContext(size=(1, 11), image=np.zeros((1, 11, 3), np.uint8))
    )
    expected = [color(share) for share in np.linspace(0, 1, 11)]
    np.testing.assert_array_equal(painting.pictures["gt"][0], expected)


def test_constant_map_has_the_middle_colour():
    painting = DEPTH.paint({"gt": constant(3.0)}, CONTEXT)
    assert (painting.pictures["gt"] == color(0.5)).all()
    assert (painting.legend.low, painting.legend.high) == (2.5, 3.5)
    assert painting.legend.label == "2.5 to 3.5 m"


@pytest.mark.parametrize("hole", [0.0, -1.0, np.nan, np.inf])
def test_invalid_depth_is_hatched_and_out_of_the_range(hole):
    depth = constant(2.0)
    depth[:, :5] = 4.0
    depth[..., 5:] = hole
    painting = DEPTH.paint({"gt": depth}, CONTEXT)
    np.testing.assert_array_equal(painting.pictures["gt"][:, 5:], hatch(SIZE)[:, 5:])
    assert (painting.pictures["gt"][5:, :5] == color(0.0)).all()
    assert (painting.legend.low, painting.legend.high) == (2, 4)


def test_zero_is_a_value_where_it_is_no_depth():
    edges = constant(1.0)
    edges[..., 5:] = 0
    painting = ScalarPainter("edge").paint({"gt": edges}, CONTEXT)
    assert (painting.pictures["gt"][:, 5:] == color(0.0, "gray")).all()
    assert (painting.pictures["gt"][:, :5] == color(1.0, "gray")).all()


def test_no_valid_pixel_has_no_bar():
    painting = DEPTH.paint({"gt": constant(0.0)}, CONTEXT)
    np.testing.assert_array_equal(painting.pictures["gt"], hatch(SIZE))
    assert painting.legend is None


def test_values_beyond_the_percentiles_have_a_pointed_end():
    depth = np.arange(1, 101, dtype=np.float32).reshape(1, 10, 10)
    painter = ScalarPainter("depth", percentiles=(0, 90))
    bar = painter.paint({"gt": depth}, CONTEXT).legend
    assert bar.high == pytest.approx(90.1)
    assert bar.above
    assert not bar.below


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float16, bool])
def test_any_type_of_number_is_drawn(dtype):
    values = np.zeros((1, *SIZE), dtype)
    values[..., 5:] = 1
    painting = ScalarPainter("x").paint({"pred": values}, CONTEXT)
    assert (painting.pictures["pred"][:, 5:] == color(1.0, "gray")).all()
