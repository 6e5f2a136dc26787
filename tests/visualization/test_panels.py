import matplotlib
import numpy as np
import pytest

from mmaux.visualization import Painting, TaskPainter, draw_panel, register_painter
from mmaux.visualization.painters import hatch, registered
from mmaux.visualization.panel_layout import PanelLayout

META = {"classes": ("wall", "floor"), "palette": [[10, 20, 30], [200, 0, 50]]}
CELL = (336, 448)
IMAGE = np.full((120, 160, 3), (250, 120, 10), np.uint8)
VIRIDIS_MIDDLE = matplotlib.colormaps["viridis"](0.5, bytes=True)[:3]


def sem_seg(value):
    return np.full((1, 120, 160), value)


def depth(value):
    return np.full((1, 120, 160), value, np.float32)


def normals(*vector, size=(120, 160)):
    return np.broadcast_to(np.float32(vector).reshape(3, 1, 1), (3, *size))


def all_fields():
    return {
        "pred_normal_map": normals(0, -1, 0, size=(30, 40)),
        "gt_normal_map": normals(0, 0, -1),
        "gt_depth_map": depth(3.0),
        "pred_depth_map": depth(3.0),
        "gt_sem_seg": sem_seg(0),
        "pred_sem_seg": sem_seg(1),
    }


def cell_of(panel, row, column, *, num_rows=2, num_columns=4):
    layout = PanelLayout(cell=CELL, num_rows=num_rows, num_columns=num_columns)
    assert panel.shape == (*layout.size, 3)
    return panel[layout.picture(row, column).slices]


def region(panel, box):
    return panel[box.slices]


def test_every_cell_has_its_colours():
    panel = draw_panel(IMAGE, all_fields(), dataset_meta=META)
    assert panel.dtype == np.uint8
    assert (cell_of(panel, 0, 0) == (250, 120, 10)).all()
    assert (cell_of(panel, 0, 1) == (10, 20, 30)).all()
    assert (cell_of(panel, 1, 1) == (200, 0, 50)).all()
    assert (cell_of(panel, 0, 2) == VIRIDIS_MIDDLE).all()
    assert (cell_of(panel, 1, 2) == VIRIDIS_MIDDLE).all()
    assert (cell_of(panel, 0, 3) == (128, 128, 255)).all()
    assert (cell_of(panel, 1, 3) == (128, 255, 128)).all()


def test_titles_labels_and_legends_are_written():
    panel = draw_panel(IMAGE, all_fields(), dataset_meta=META)
    layout = PanelLayout(cell=CELL, num_rows=2, num_columns=4)
    for box in (
        *(layout.title(column) for column in range(4)),
        *(layout.row_label(row) for row in range(2)),
        layout.legend(2),
        layout.legend(3),
        layout.key,
    ):
        assert region(panel, box).min() < 100, box


def test_key_shows_class_colours_and_the_hatch():
    layout = PanelLayout(cell=CELL, num_rows=2, num_columns=4)
    named = region(draw_panel(IMAGE, all_fields(), dataset_meta=META), layout.key)
    bare = region(draw_panel(IMAGE, all_fields(), dataset_meta=META, with_labels=False), layout.key)
    for color in META["palette"]:
        assert (named == color).all(-1).sum() > 150
        assert (bare == color).all(-1).sum() == 0
    for key in (named, bare):
        assert all((key == grey).all(-1).sum() > 50 for grey in hatch((1, 8))[0, ::4])


def test_key_is_cut_where_there_is_no_room():
    labels = np.arange(200).repeat(5 * 8).reshape(1, 80, 100)
    panel = draw_panel(IMAGE, {"pred_sem_seg": labels, "gt_sem_seg": labels})
    layout = PanelLayout(cell=CELL, num_rows=2, num_columns=2)
    assert panel.shape == (*layout.size, 3)
    below = region(panel, layout.key)[-4:]
    assert (below == 255).all()


def test_missing_map_leaves_a_labelled_cell():
    fields = all_fields()
    del fields["gt_sem_seg"], fields["pred_depth_map"]
    panel = draw_panel(IMAGE, fields, dataset_meta=META)
    for row, column in ((0, 1), (1, 2)):
        cell = cell_of(panel, row, column)
        assert (cell == 244).all(-1).mean() > 0.9
        assert cell[150:190, 100:350].min() < 150
    assert (cell_of(panel, 1, 1) == (200, 0, 50)).all()
    assert (cell_of(panel, 0, 2) == VIRIDIS_MIDDLE).all()


@pytest.mark.parametrize("row", ["gt", "pred"])
def test_row_without_any_map_is_left_out(row):
    fields = {name: array for name, array in all_fields().items() if name.startswith(row)}
    panel = draw_panel(IMAGE, fields, dataset_meta=META)
    color = META["palette"][row == "pred"]
    assert (cell_of(panel, 0, 1, num_rows=1) == color).all()


def test_rows_of_several_networks_in_the_order_given():
    fields = {"gt_sem_seg": sem_seg(0), "b_sem_seg": sem_seg(1), "a_sem_seg": sem_seg(0)}
    fields |= {"gt_depth_map": depth(1.0), "a_depth_map": depth(3.0), "b_depth_map": depth(5.0)}
    rows = {"gt": "truth", "a": "joint", "b": "auxiliary"}
    panel = draw_panel(IMAGE, fields, dataset_meta=META, rows=rows)
    for row, index in enumerate((0, 0, 1)):
        found = cell_of(panel, row, 1, num_rows=3, num_columns=3)
        assert (found == META["palette"][index]).all()
    shown = [cell_of(panel, row, 2, num_rows=3, num_columns=3)[0, 0] for row in range(3)]
    viridis = matplotlib.colormaps["viridis"]
    assert [c.tolist() for c in shown] == [
        list(viridis(share, bytes=True)[:3]) for share in (0.0, 0.5, 1.0)
    ]
    with pytest.raises(ValueError, match=r"'pred_sem_seg'.*start with 'gt_' or 'a_' or 'b_'"):
        draw_panel(IMAGE, {"pred_sem_seg": sem_seg(0)}, rows=rows)


def test_invalid_pixels_are_hatched():
    fields = all_fields()
    fields["gt_sem_seg"] = sem_seg(255)
    fields["gt_depth_map"] = depth(0.0)
    fields["gt_normal_map"] = normals(0, 0, 0)
    panel = draw_panel(IMAGE, fields, dataset_meta=META)
    for column in (1, 2, 3):
        np.testing.assert_array_equal(cell_of(panel, 0, column), hatch(CELL))


def test_maps_of_another_size_cover_the_image():
    labels = np.zeros((1, 6, 8), np.int64)
    labels[..., 4:] = 1
    panel = draw_panel(IMAGE, {"pred_sem_seg": labels, "gt_sem_seg": sem_seg(0)}, dataset_meta=META)
    cell = cell_of(panel, 1, 1, num_columns=2)
    assert (cell[:, :224] == (10, 20, 30)).all()
    assert (cell[:, 224:] == (200, 0, 50)).all()


def test_image_alone():
    panel = draw_panel(IMAGE, {})
    assert (cell_of(panel, 0, 0, num_rows=1, num_columns=1) == (250, 120, 10)).all()


def test_unknown_field_is_grey_and_comes_last():
    edges = np.zeros((1, 120, 160), np.uint8)
    edges[..., 80:] = 1
    fields = {"gt_edge_map": edges, "gt_depth_map": depth(3.0)}
    panel = draw_panel(IMAGE, fields)
    cell = cell_of(panel, 0, 2, num_rows=1, num_columns=3)
    assert (cell[:, :224] == 0).all()
    assert (cell[:, 224:] == 255).all()


class FlagPainter(TaskPainter):
    def paint(self, maps, context):
        red = np.full((*context.size, 3), (255, 0, 0), np.uint8)
        return Painting(
            title="flag",
            pictures=dict.fromkeys(maps, red),
            key=(((1, 2, 3), "a colour of its own"),),
            legend=lambda axes: axes.fill([0, 50, 50], [0, 0, 50], color="black"),
        )


def test_registered_painter_draws_picture_key_and_legend(monkeypatch):
    monkeypatch.setattr(registered, "_PAINTERS", dict(registered._PAINTERS))
    register_painter("flag_map", FlagPainter())
    panel = draw_panel(IMAGE, {"gt_flag_map": np.zeros((5, 4, 4)), "pred_sem_seg": sem_seg(0)})
    layout = PanelLayout(cell=CELL, num_rows=2, num_columns=3)
    assert (cell_of(panel, 0, 2, num_columns=3) == (255, 0, 0)).all()
    assert (region(panel, layout.key) == (1, 2, 3)).all(-1).sum() > 150
    assert (region(panel, layout.legend(2)) == 0).all(-1).sum() > 1000


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"depth_map": np.ones((1, 2, 2))}, "'depth_map'.*start with 'gt_' or 'pred_'"),
        ({"gt_depth_map": np.ones((2, 2))}, r"gt_depth_map has shape \(2, 2\).*\(C, H, W\)"),
        ({"gt_flow_map": np.ones((2, 2, 2))}, r"gt_flow_map has 2 channels.*register_painter"),
    ],
)
def test_bad_fields_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        draw_panel(IMAGE, fields)


def test_bad_image_and_cell_size_are_refused():
    with pytest.raises(ValueError, match=r"image is float64 of shape \(3, 4, 4\)"):
        draw_panel(np.ones((3, 4, 4)), {})
    with pytest.raises(ValueError, match="cell_size is 100"):
        draw_panel(IMAGE, {}, cell_size=100)


@pytest.mark.parametrize(
    ("image_size", "cell"),
    [((480, 640), (336, 448)), ((640, 480), (597, 448)), ((900, 300), (768, 256))],
)
def test_cell_keeps_the_shape_of_the_image(image_size, cell):
    panel = draw_panel(np.zeros((*image_size, 3), np.uint8), {})
    assert panel.shape == (*PanelLayout(cell=cell, num_rows=1, num_columns=1).size, 3)
