import itertools

import pytest

from mmaux.visualization.panel_layout import PanelLayout


def boxes(layout):
    yield layout.picture(0, 0)
    yield layout.key
    for column in range(layout.num_columns):
        yield layout.title(column)
    for row in range(layout.num_rows):
        yield layout.row_label(row)
        for column in range(1, layout.num_columns):
            yield layout.picture(row, column)
    for column in range(1, layout.num_columns):
        yield layout.legend(column)


@pytest.mark.parametrize("num_rows", [1, 2, 3])
@pytest.mark.parametrize("num_columns", [2, 3, 5])
@pytest.mark.parametrize("cell", [(336, 448), (597, 336), (128, 256)])
def test_nothing_overlaps_or_leaves_the_panel(cell, num_rows, num_columns):
    layout = PanelLayout(cell=cell, num_rows=num_rows, num_columns=num_columns)
    height, width = layout.size
    for box in boxes(layout):
        assert box.left >= 0
        assert box.top >= 0
        assert box.left + box.width <= width
        assert box.top + box.height <= height
    for a, b in itertools.combinations(boxes(layout), 2):
        apart_x = a.left + a.width <= b.left or b.left + b.width <= a.left
        apart_y = a.top + a.height <= b.top or b.top + b.height <= a.top
        assert apart_x or apart_y, (a, b)
